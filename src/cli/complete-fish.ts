import type { Completion } from "./command.ts";
import type { CompletedCommand, CompletionWords } from "./completion-words.ts";

export function fishCompletion({ commands, first }: CompletionWords): string {
  const shell = commands.find(({ words }) => words[0] === "shell");
  const lines = [
    header,
    "complete -c qpod -f",
    "complete -c qpod -n '__qpod_at' -l help -d 'list the commands'",
    "complete -c qpod -n '__qpod_at' -l version -d 'say which version this is'",
  ];
  for (const { word, summary } of first) lines.push(`complete -c qpod -n __qpod_at -a ${word} -d ${quote(summary)}`);
  for (const one of commands) {
    const [first = "", second] = one.words;
    if (second) lines.push(`complete -c qpod -n '__qpod_at ${first}' -a ${second} -d ${quote(one.summary)}`);
    lines.push(...describe("qpod", one, `__qpod_in ${one.words.join(" ")}`, one.words.length + 1));
  }
  if (shell) lines.push("complete -c qpod-shell -f", ...describe("qpod-shell", shell, "true", 1));
  return `${lines.join("\n")}\n`;
}

/** @param own how many words come before the command's own. */
function describe(program: string, { options, argument }: CompletedCommand, condition: string, own: number): string[] {
  const withValue = options.filter(({ takesValue }) => takesValue).map(({ flag }) => flag);
  // Options after the first word of another command belong to that one.
  const open = argument === "command" ? `; and not __qpod_given ${[own, ...withValue].join(" ")}` : "";
  const lines = options.map(({ flag, description, complete, takesValue }) => {
    const name = flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`;
    return `complete -c ${program} -n ${quote(condition + open)} ${name} -d ${quote(description)}${takesValue ? ` ${value(complete)}` : ""}`;
  });
  const rest =
    argument === "command"
      ? `-a '(__fish_complete_subcommand --fcs-skip=${[own, ...withValue].join(" ")})'`
      : argument && value(argument).replace(/^-[xr] /, "");
  const once = argument === "command" ? "" : `; and not __qpod_given ${[own, ...withValue].join(" ")}`;
  if (rest) lines.push(`complete -c ${program} -n ${quote(condition + once)} ${rest}`);
  return lines;
}

const header = `# qpod completion fish
# The words so far are exactly these, or begin with these.
function __qpod_at
  set -l given (commandline -opc)
  test "$given[2..]" = "$argv"
end
function __qpod_in
  set -l given (commandline -opc)
  set -e given[1]
  test (count $given) -ge (count $argv); and test "$given[1..$(count $argv)]" = "$argv"
end
# An argument was given after so many words; the options that are named take a value.
function __qpod_given
  set -l given (commandline -opc)
  set -e given[1..$argv[1]]
  set -l skip no
  for word in $given
    if test $skip = yes
      set skip no
    else if contains -- $word $argv[2..]
      set skip yes
    else if not string match -q -- '-*' $word
      return 0
    end
  end
  return 1
end
function __qpod_environments
  # Names are those of files, which fish reads sooner than qpod starts; only catalogs are elsewhere.
  set -l config $HOME/.config
  string match -q '/*' -- "$XDG_CONFIG_HOME"; and set config $XDG_CONFIG_HOME
  if test -e $config/qpod/catalogs.yaml
    qpod env list --json 2>/dev/null | string match -ra '(?<="name":")[^"]*'
  else
    set -l files $config/qpod/environments/*.yaml /etc/qpod/environments/*.yaml
    test (count $files) -gt 0; and string replace -r '^.*/(.*)[.]yaml$' '$1' -- $files
  end
end`;

function value(complete: Completion | undefined): string {
  if (complete === "environment") return "-x -a '(__qpod_environments)'";
  if (complete === "folder") return "-x -a '(__fish_complete_directories)'";
  if (complete === "file") return "-r -F";
  return complete && complete !== "command" ? `-x -a ${quote(complete.words.join(" "))}` : "-x";
}

function quote(text: string): string {
  return `'${text.replaceAll(/[\\']/g, "\\$&")}'`;
}
