import { findTool } from "./host-tools.ts";

/*
 * With one id alone, a package's files cannot be given to the owners that it asks for, and its scripts cannot
 * become other users. Installing needs no more than that those calls are said to have worked: all files then
 * belong to the one id, which is what "single" ownership means. A seccomp filter says so; it is installed by
 * perl, which mmdebstrap is written in.
 */

interface Machine {
  /** AUDIT_ARCH_* of linux/audit.h. */
  audit: number;
  prctl: number;
  /** chown, setgroups, setuid and mknod with their kin. */
  pretended: number[];
}

const machines: Partial<Record<string, Machine>> = {
  x64: { audit: 0xc000003e, prctl: 157, pretended: [92, 93, 94, 260, 105, 106, 113, 114, 116, 117, 119, 133, 259] },
  arm64: { audit: 0xc00000b7, prctl: 167, pretended: [54, 55, 143, 144, 145, 146, 147, 149, 159, 33] },
};

const LOAD = 0x20;
const EQUAL = 0x15;
const RETURN = 0x06;
const ALLOW = 0x7fff0000;
/** SECCOMP_RET_ERRNO with errno 0. */
const PRETEND = 0x00050000;

const SCRIPT = `
my ($prctl, $filter) = splice(@ARGV, 0, 2);
my $code = pack("H*", $filter);
my $program = pack("Sx6P", length($code) / 8, $code);
syscall($prctl, 22, 2, $program) == 0 or die "cannot install a seccomp filter: $!\\n";
exec { $ARGV[0] } @ARGV or die "cannot run $ARGV[0]: $!\\n";
`;

/** The filter as the kernel takes it: 8 bytes an instruction, in hexadecimal. */
function makeFilter({ audit, pretended }: Machine): string {
  const count = pretended.length;
  const code: [number, number, number, number][] = [
    [LOAD, 0, 0, 4],
    [EQUAL, 1, 0, audit],
    [RETURN, 0, 0, ALLOW],
    [LOAD, 0, 0, 0],
    ...pretended.map((call, i): [number, number, number, number] => [EQUAL, count - i, 0, call]),
    [RETURN, 0, 0, ALLOW],
    [RETURN, 0, 0, PRETEND],
  ];
  const bytes = Buffer.alloc(code.length * 8);
  for (const [i, [operation, yes, no, value]] of code.entries()) {
    bytes.writeUInt16LE(operation, i * 8);
    bytes.writeUInt8(yes, i * 8 + 2);
    bytes.writeUInt8(no, i * 8 + 3);
    bytes.writeUInt32LE(value, i * 8 + 4);
  }
  return bytes.toString("hex");
}

/** What to run inside a namespace of one id so that a program can install packages; undefined where that is not known. */
export function pretendRoot(argv: readonly [string, ...string[]]): [string, ...string[]] | undefined {
  const machine = machines[process.arch];
  const perl = findTool("perl");
  return machine && perl ? [perl, "-e", SCRIPT, "--", String(machine.prctl), makeFilter(machine), ...argv] : undefined;
}
