import path from 'node:path';
import ts from 'typescript';

/** What a mutant leaves unused is no fault of types. */
const UNUSED = new Set([6133, 6138, 6192, 6196, 6198, 7027]);

/** Says of a changed file whether `npm run typecheck` would take it. The first answer takes some seconds. */
export function compiler(root: string, files: readonly string[]): (file: string, text: string) => boolean {
  const configuration = ts.readConfigFile(path.join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(configuration.config, ts.sys, root);
  const changed = new Map<string, string>();
  let version = 0;
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => files.map((file) => path.join(root, file)),
    getScriptVersion: (file) => (changed.has(file) ? String(version) : '0'),
    getScriptSnapshot: (file) => {
      const text = changed.get(file) ?? ts.sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => root,
    getDefaultLibFileName: (of) => ts.getDefaultLibFilePath(of),
    fileExists: (file) => ts.sys.fileExists(file),
    readFile: (file) => ts.sys.readFile(file),
    readDirectory: (...of) => ts.sys.readDirectory(...of),
    directoryExists: (folder) => ts.sys.directoryExists(folder),
    getDirectories: (folder) => ts.sys.getDirectories(folder),
  });
  return (file, text) => {
    const full = path.join(root, file);
    changed.set(full, text);
    version++;
    const faults = [...service.getSyntacticDiagnostics(full), ...service.getSemanticDiagnostics(full)];
    changed.delete(full);
    return faults.every(({ code, category }) => category !== ts.DiagnosticCategory.Error || UNUSED.has(code));
  };
}
