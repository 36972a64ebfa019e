// A darkroom child whose models are text files that say what opening them does to it. Never part of what runs.
import { existsSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { type Answer, pipeDescriptor, type Request, readLines, send } from '../../src/darkroom/messages.ts';
import type { EnginePlan } from '../../src/darkroom/models/plan.ts';

const pipe = new Socket({ fd: pipeDescriptor, readable: true, writable: true });
const say = (answer: Answer) => send(pipe, answer);
let plan: EnginePlan = { choices: [] };

pipe.on('end', () => process.exit());
readLines(
  pipe,
  (line) => hear(JSON.parse(line) as Request),
  () => process.exit(1),
);
say({ kind: 'ready' });

function hear(request: Request): void {
  if (request.kind === 'setup') plan = request.plan;
  else if (request.kind === 'look') look(request.id);
  else if (request.kind === 'develop') develop(request);
}

function look(id: number): void {
  const [choice] = plan.choices;
  if (choice === undefined) {
    say({ kind: 'looked', id, sighting: { kind: 'unavailable', detail: plan.problem ?? 'no model' } });
    return;
  }
  const { engine, model, file } = choice;
  say({ kind: 'opening', engine: { name: engine, model } });
  const behaviour = readFileSync(file, 'utf8');
  // Not before the line has left.
  if (behaviour === 'deadly') pipe.end(() => process.kill(process.pid, 'SIGSEGV'));
  else if (behaviour === 'stuck') process.kill(process.pid, 'SIGSTOP');
  else say({ kind: 'looked', id, sighting: { kind: 'seen', engine, model, tookMs: 1, detections: [] } });
}

/** Says who it is and what it would look with. Beside a file `gate` it waits until there is one called `open`. */
function develop({ id, path, outputFolder }: Extract<Request, { kind: 'develop' }>): void {
  if (existsSync(join(path, 'gate')) && !existsSync(join(path, 'open'))) {
    setTimeout(() => develop({ kind: 'develop', id, path, outputFolder, type: 'image/jpeg' }), 5);
    return;
  }
  const facts = { camera: `${process.pid} with ${plan.choices[0]?.engine ?? 'nothing'}` };
  say({ kind: 'developed', id, developed: { kind: 'damaged', detail: '', facts } });
}
