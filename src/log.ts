// Structured log lines on standard output. Says what happened; never a title, a path below a visitor's control, or a secret.
import pino from 'pino';

export interface Log {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON, one line an event; nothing a visitor sends can forge a line, or move the cursor of whoever reads it in a terminal. */
export function openLog(level: LogLevel): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    hooks: { streamWrite: escapeUnseen },
  });
}

// JSON leaves some characters as they are that terminals obey (C1, the other half of ANSI's control codes) or that turn the order of
// what is read (bidirectional marks). They only occur inside texts, where the escape means the same.
const unseen = /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;
const escapeUnseen = (line: string) =>
  line.replace(unseen, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
