/** By number: linux/capability.h. */
const names = [
  ..."chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service".split(" "),
  ..."net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct".split(" "),
  ..."sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap".split(" "),
  ..."mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore".split(" "),
];

const plainName = (name: string) => name.toLowerCase().replace(/^cap_/, "");

export function isCapability(name: string): boolean {
  return names.includes(plainName(name));
}

export const capabilityNames: readonly string[] = names.map((name) => `CAP_${name.toUpperCase()}`);

export function capabilityMask(list: readonly string[]): bigint {
  return list.reduce((mask, name) => mask | (1n << BigInt(names.indexOf(plainName(name)))), 0n);
}
