// What a browser calls itself, as the list of sessions shows it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceName, isHandheld } from '../../src/http/pages/device.ts';
import { openSpeech } from '../../src/http/words.ts';

const mozilla = (rest: string) => `Mozilla/5.0 ${rest}`;
const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0';
const devices: readonly (readonly [agent: string, name: string, handheld: boolean])[] = [
  [mozilla(`(Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36`), 'Chrome · Windows', false],
  [mozilla(`(Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36 Edg/140.0.0.0`), 'Edge · Windows', false],
  [mozilla(`(Linux; Android 10; K) ${chrome} Mobile Safari/537.36`), 'Chrome · Android', true],
  [
    mozilla(
      `(Linux; Android 10; K) AppleWebKit/537.36 SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36`,
    ),
    'Samsung Internet · Android',
    true,
  ],
  [
    mozilla(
      '(iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1',
    ),
    'Safari · iPhone',
    true,
  ],
  [
    mozilla('(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15'),
    'Safari · Mac',
    false,
  ],
  [mozilla('(X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'), 'Firefox · Linux', false],
  ['curl/8.5.0', 'curl', false],
  ['', 'Unknown device', false],
  ['<script>', 'Unknown device', false],
];

for (const [agent, name, handheld] of devices)
  test(`${agent.slice(0, 60)} is ${name}`, () => {
    assert.equal(deviceName(agent, openSpeech('en')), name);
    assert.equal(isHandheld(agent), handheld);
  });
