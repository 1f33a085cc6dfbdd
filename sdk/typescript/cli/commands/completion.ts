import { GLOBAL_OPTIONS, type Command } from '../command';
import { UsageError } from '../exit-code';

const PROGRAM = 'interlock';

/** Made of the table of commands, so that it names what there is. */
export function completionCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'completion',
    usage: '<bash|zsh|fish>',
    summary: 'print a completion script: source <(interlock completion bash)',
    options: {},
    async run({ terminal, positionals: [shell] }) {
      const script = { bash, zsh, fish }[shell ?? ''];
      if (!script) throw new UsageError('Name a shell: bash, zsh or fish.');
      terminal.write(script(commands()));
    },
  };
}

function optionsOf(command: Command): string {
  return Object.keys({ ...command.options, ...GLOBAL_OPTIONS })
    .map((name) => `--${name}`)
    .join(' ');
}

function bash(commands: readonly Command[]): string {
  const cases = commands.map((command) => `    ${command.name}) words='${optionsOf(command)}' ;;`);
  return `_${PROGRAM}() {
  local words='${commands.map(({ name }) => name).join(' ')}'
  case "\${COMP_CWORD}:\${COMP_WORDS[1]}" in 1:*) ;; *) case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
    *) words='' ;;
  esac ;; esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _${PROGRAM} ${PROGRAM}`;
}

function zsh(commands: readonly Command[]): string {
  return `autoload -U +X bashcompinit && bashcompinit
${bash(commands)}`;
}

function fish(commands: readonly Command[]): string {
  const names = commands.map(
    ({ name, summary }) =>
      `complete -c ${PROGRAM} -f -n __fish_use_subcommand -a ${name} -d '${summary.replaceAll("'", '’')}'`,
  );
  const options = commands.flatMap(({ name, options: own }) =>
    Object.keys({ ...own, ...GLOBAL_OPTIONS }).map(
      (option) => `complete -c ${PROGRAM} -n '__fish_seen_subcommand_from ${name}' -l ${option}`,
    ),
  );
  return [...names, ...options].join('\n');
}
