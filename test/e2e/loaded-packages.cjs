// Preloaded into a process: at its end it says which packages it has read from node_modules.
'use strict';
process.once('exit', () => {
  const names = Object.keys(require.cache).flatMap((file) => {
    const [, name] = /.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(file) ?? [];
    return name ? [name.replace('\\', '/')] : [];
  });
  process.stderr.write(`LOADED ${JSON.stringify([...new Set(names)].sort())}\n`);
});
