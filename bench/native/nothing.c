/* The cheapest program there is: what remains of a command when the command itself costs nothing. */
int main(void)
{
	return 0;
}
