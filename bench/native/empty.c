/* A library that does nothing: what remains of ours when it does nothing. */
extern int nothing;
int nothing;
