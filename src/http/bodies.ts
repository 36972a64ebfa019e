// What stands before a route that takes a body: its type, the word to go on, and the reader with its limits.
import express, { type RequestHandler } from 'express';
import { expectType, welcomeBody } from './body-guard.ts';

const [formType, jsonType] = ['application/x-www-form-urlencoded', 'application/json'] as const;

const welcome: RequestHandler = (request, response, next) => {
  welcomeBody(request, response);
  next();
};

export interface Bodies {
  readonly form: readonly RequestHandler[];
  readonly json: readonly RequestHandler[];
  readonly formOrJson: readonly RequestHandler[];
}

/** @param parameterLimit how many fields a form may have */
export function readBodies(parameterLimit: number): Bodies {
  const readForm = express.urlencoded({ extended: false, limit: 32_768, parameterLimit });
  const readJson = express.json({ limit: 65_536, strict: true });
  return {
    form: [expectType(formType), welcome, readForm],
    json: [expectType(jsonType), welcome, readJson],
    formOrJson: [expectType(formType, jsonType), welcome, readForm, readJson],
  };
}

export const multipart = [expectType('multipart/form-data')];
