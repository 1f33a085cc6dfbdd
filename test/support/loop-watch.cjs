// Loaded before a service that is measured: answers at LOOP_WATCH_PORT how long its event loop was held since last
// asked.
const { createServer } = require('node:http');
const { monitorEventLoopDelay, performance } = require('node:perf_hooks');

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
let [wall, cpu, held] = [performance.now(), process.cpuUsage(), 0];

// the processor time of a hold is the same whatever else the machine does, its duration is not
setInterval(() => {
  const [now, used] = [performance.now(), process.cpuUsage()];
  held = Math.max(held, Math.min(now - wall, (used.user - cpu.user + used.system - cpu.system) / 1000));
  [wall, cpu] = [now, used];
}, 1).unref();

createServer((_request, response) => {
  response.end(JSON.stringify({ heldMs: held, delayMs: delay.max / 1e6 }));
  held = 0;
  delay.reset();
})
  .listen(Number(process.env['LOOP_WATCH_PORT']), '127.0.0.1')
  .unref();
