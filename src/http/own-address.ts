// Under which address another device gets here. What a browser on this machine calls `localhost` is, on a phone, the phone.
import { networkInterfaces } from 'node:os';
import type { Request } from 'express';
import type { HttpParts } from './parts.ts';

/** Of this machine in its networks, for what listens everywhere. */
export const networkAddresses = (port: number): string[] =>
  Object.values(networkInterfaces())
    .flatMap((found) => found ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => `http://${address}:${port}`);

export interface OwnAddress {
  /** `https://photos.example`, as this request came or as another device must. */
  readonly origin: string;
  /** Nobody but this machine gets there. */
  readonly isLoopback: boolean;
}

export function ownAddress({ isEverywhere }: Pick<HttpParts, 'isEverywhere'>, request: Request): OwnAddress {
  const { origin, hostname } = new URL(`${request.protocol}://${request.headers.host}`);
  if (!isLoopbackName(hostname)) return { origin, isLoopback: false };
  const [first] = isEverywhere ? networkAddresses(request.socket.localPort ?? 0) : [];
  return first === undefined ? { origin, isLoopback: true } : { origin: first, isLoopback: false };
}

const isLoopbackName = (name: string) =>
  name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || name.startsWith('127.');
