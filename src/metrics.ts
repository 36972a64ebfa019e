// What the program counts about itself, in the words of Prometheus. Takes numbers and a few fixed words; never an id, a title, a name or
// an address, since each different word is a series of its own that stays until the program ends.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  /** A request that is over. */
  answered(request: AnsweredRequest): void;
  /** An error that a visitor was told, by its code. */
  refused(code: string): void;
  /** What became of one file that somebody sent. */
  uploaded(upload: CountedUpload): void;
  /** One photo went through the darkroom, or did not. */
  developed(work: { readonly engine: string; readonly outcome: string; readonly seconds: number }): void;
  /** An engine looked at a picture; `seconds` only if it saw. */
  looked(look: { readonly engine: string; readonly outcome: string; readonly seconds?: number }): void;
  /** A number that is asked for when somebody reads; it is NaN when that fails. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
  /** Like `gauge` for what only grows. */
  counter(name: string, help: string, read: () => number): void;
  /** Something that is so, said by its labels; its value is 1. */
  fact(name: string, help: string, labels: Readonly<Record<string, string>>): void;
  /** All of it, in the text format of Prometheus. */
  read(): Promise<{ readonly type: string; readonly text: string }>;
}

export interface AnsweredRequest {
  /** The pattern, `/photos/:id`; never the path, which holds ids. */
  readonly route: string;
  readonly method: string;
  /** `2xx`, or `cut` for an answer that nobody waited for. */
  readonly status: string;
  readonly seconds: number;
}

const ways = ['form', 'share', 'resumable', 'guest'] as const;
const outcomes = ['kept', 'duplicate', 'refused', 'failed'] as const;

export interface CountedUpload {
  readonly way: (typeof ways)[number];
  /** `failed` is our fault and may pass, `refused` is not. */
  readonly outcome: (typeof outcomes)[number];
  readonly bytes: number;
}

/** Of an answer: a page takes milliseconds, an original over a phone's network half a minute. */
const answerBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30];
/** Of looking at one photo, in a darkroom that gives up after 30 s. */
const darkroomBuckets = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30];

/**
 * A registry of its own: the library's global one would be shared by every gallery of a process.
 * @param codes of errors. They begin with 0, as uploads do: a series that begins with 1 has not grown, so no alarm hears of the first.
 */
export function openMetrics(codes: readonly string[] = []): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Counter<T>({ name, help, labelNames, registers });
  const histogram = <T extends string>(
    name: string,
    help: string,
    labelNames: readonly T[],
    buckets: number[],
  ) => new Histogram<T>({ name, help, labelNames, buckets, registers });

  const requests = counter('sajin_http_requests_total', 'Requests that are over.', [
    'route',
    'method',
    'status',
  ]);
  const answers = histogram(
    'sajin_http_request_seconds',
    'From the head of a request to the end of its answer.',
    ['route', 'method'],
    answerBuckets,
  );
  const errors = counter('sajin_errors_total', 'Errors that visitors were told.', ['code']);
  const uploads = counter('sajin_uploads_total', 'Files that were sent.', ['way', 'outcome']);
  const uploadBytes = counter('sajin_upload_bytes_total', 'Bytes of files that were kept.', ['way']);
  for (const code of codes) errors.inc({ code }, 0);
  for (const way of ways) {
    uploadBytes.inc({ way }, 0);
    for (const outcome of outcomes) uploads.inc({ way, outcome }, 0);
  }
  const development = histogram(
    'sajin_development_seconds',
    'From asking the darkroom for a photo to its answer.',
    ['engine', 'outcome'],
    darkroomBuckets,
  );
  const looks = counter('sajin_detections_total', 'Times an engine was to look.', ['engine', 'outcome']);
  const looking = histogram(
    'sajin_detection_seconds',
    'What an engine took to look at one picture.',
    ['engine'],
    darkroomBuckets,
  );

  return {
    answered({ seconds, status, ...of }) {
      requests.inc({ ...of, status });
      answers.observe(of, seconds);
    },
    refused: (code) => errors.inc({ code }),
    uploaded({ way, outcome, bytes }) {
      uploads.inc({ way, outcome });
      if (outcome === 'kept') uploadBytes.inc({ way }, bytes);
    },
    developed: ({ seconds, ...of }) => development.observe(of, seconds),
    looked({ engine, outcome, seconds }) {
      looks.inc({ engine, outcome });
      if (seconds !== undefined) looking.observe({ engine }, seconds);
    },
    gauge(name, help, read) {
      new Gauge({
        name,
        help,
        registers,
        async collect() {
          this.set(await Promise.resolve().then(read).catch(unknown));
        },
      });
    },
    counter(name, help, read) {
      new Counter({
        name,
        help,
        registers,
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
    fact(name, help, labels) {
      new Gauge({ name, help, labelNames: Object.keys(labels), registers }).set(labels, 1);
    },
    read: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}

// One number that can't be had must not take the others with it.
const unknown = () => Number.NaN;
