/* `qpod-launch spawn-many`: the launcher that stays, so that starting a child never copies or stops its caller. */
#ifndef QPOD_RESIDENT_H
#define QPOD_RESIDENT_H

/* Takes requests over descriptor 3 and answers with status records until its caller is gone. The exit status. */
int stay_resident(void);

#endif
