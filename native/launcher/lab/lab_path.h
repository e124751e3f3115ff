/* Where a lab's commands are looked for. */
#ifndef QPOD_LAB_PATH_H
#define QPOD_LAB_PATH_H

/* Whoever runs a command in a lab is root there, and root's PATH has the folders of tc, nft and dhclient, which many
 * systems leave out of an ordinary user's. They are added at the end of ours. -1: no memory. */
int search_system_folders(void);

#endif
