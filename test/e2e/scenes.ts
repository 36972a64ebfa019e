// Pictures that the project draws itself, to be looked at in screenshots: a title in both languages, the drawing, what is in it.
import { bicycle, bird, boat, cat, dog, kite, persimmon, person, pot, ridges } from './scene-shapes.ts';

export interface Scene {
  readonly title: { readonly en: string; readonly ko: string };
  readonly svg: string;
  /** Label, score, and the box as fractions: x, y, width, height. */
  readonly found: readonly (readonly [string, number, number, number, number, number])[];
}

function draw(width: number, height: number, sky: readonly [string, string], inside: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="${sky[0]}"/><stop offset="1" stop-color="${sky[1]}"/></linearGradient></defs>
    <rect width="${width}" height="${height}" fill="url(#sky)"/>${inside}</svg>`;
}

/** A box around something drawn, in the scene's pixels. */
const found =
  (width: number, height: number) =>
  (label: string, score: number, x: number, y: number, w: number, h: number) =>
    [label, score, x / width, y / height, w / width, h / height] as const;

const river = found(1800, 1200);
const beach = found(1800, 1200);
const sill = found(1200, 1600);
const sea = found(1800, 1200);
const park = found(1600, 1200);
const rain = found(1200, 1600);

export const scenes: readonly Scene[] = [
  {
    title: { en: 'Along the river', ko: '한강의 저녁' },
    svg: draw(
      1800,
      1200,
      ['#f4a259', '#f7d6bf'],
      `<circle cx="1260" cy="560" r="150" fill="#fff1d6" opacity=".9"/>${ridges(1800, 1200, ['#c9a0a6', '#a37f93', '#7b6283'], 560, 70)}
      <path d="M0 760h1800v220H0z" fill="#e9a57e"/><path d="M900 790h620M1020 840h420M1080 890h330" stroke="#fff1d6" stroke-width="9" opacity=".7" stroke-linecap="round"/>
      <path d="M0 960q900-70 1800 20v220H0z" fill="#3f4a56"/><path d="M0 1060q900-60 1800 20v16q-900-80-1800-20z" fill="#f7d6bf" opacity=".5"/>
      ${bicycle(640, 1104, 380, '#d1495b')}${person(1060, 1108, 360, '#2f6690')}${person(1190, 1100, 330, '#edae49')}${bird(380, 300, 90, '#5b4a66')}${bird(500, 240, 64, '#5b4a66')}`,
    ),
    found: [
      river('person', 0.91, 972, 744, 178, 366),
      river('person', 0.88, 1108, 768, 164, 334),
      river('bicycle', 0.86, 448, 868, 386, 238),
      river('bird', 0.47, 332, 268, 100, 54),
    ],
  },
  {
    title: { en: 'Kites at Haeundae', ko: '해운대에서 연날리기' },
    svg: draw(
      1800,
      1200,
      ['#7cc6e8', '#dff3f4'],
      `<ellipse cx="420" cy="300" rx="260" ry="60" fill="#fff" opacity=".7"/><ellipse cx="1420" cy="200" rx="300" ry="52" fill="#fff" opacity=".6"/>
      <path d="M0 780h1800v420H0z" fill="#2a8fa8"/><path d="M0 850q450-40 900 0t900 0v350H0z" fill="#53b3bd"/><path d="M0 930q450-50 900 0t900-10v280H0z" fill="#f4e3c1"/><path d="M0 930q450-50 900 0t900-10" fill="none" stroke="#fff" stroke-width="18"/>
      ${kite(560, 300, 260, '#e4572e', '#f3a712', -18)}${kite(1010, 220, 190, '#669bbc', '#003049', 12)}${kite(1380, 400, 220, '#c1121f', '#fdf0d5', 20)}
      ${person(740, 1130, 330, '#e4572e')}${person(1130, 1110, 280, '#1d7874', '#514b4f')}`,
    ),
    found: [
      beach('kite', 0.94, 452, 166, 220, 268),
      beach('kite', 0.83, 926, 118, 162, 200),
      beach('kite', 0.88, 1288, 284, 186, 228),
      beach('person', 0.9, 660, 796, 162, 338),
      beach('person', 0.79, 1062, 828, 138, 286),
    ],
  },
  {
    title: { en: 'Mimi on the sill', ko: '창가의 미미' },
    svg: draw(
      1200,
      1600,
      ['#f2e8dc', '#e3d2bd'],
      `<rect x="150" y="130" width="900" height="1080" fill="#a7d3e8"/><path d="M150 900q220-160 440-40t460-60v410H150z" fill="#8fb78a"/><path d="M150 1010q300-90 900-10v210H150z" fill="#6c9a6b"/>
      <circle cx="830" cy="330" r="80" fill="#fff6d8"/><path d="M150 130h900v1080H150zM600 130v1080M150 640h900" fill="none" stroke="#fbf7f0" stroke-width="36"/>
      <rect x="70" y="1210" width="1060" height="70" rx="10" fill="#fbf7f0"/><path d="M0 1280h1200v320H0z" fill="#d9c3a8"/>${cat(520, 1212, 560, '#c98c56', '#8f5a30')}${pot(930, 1212, 400, '#3f7d54')}`,
    ),
    found: [sill('cat', 0.95, 330, 646, 500, 570), sill('potted plant', 0.82, 756, 822, 348, 394)],
  },
  {
    title: { en: 'Grandma’s persimmons', ko: '할머니 댁 감나무' },
    svg: draw(
      1600,
      1200,
      ['#8ecae6', '#e6f4f1'],
      `<path d="M-20 200q420 120 760 60t900 160" fill="none" stroke="#5a4033" stroke-width="44" stroke-linecap="round"/><path d="M520 270q80 160 40 330M980 290q160 90 180 300M240 240q-60 180 20 300" fill="none" stroke="#5a4033" stroke-width="20" stroke-linecap="round"/>
      <g fill="#b5793a"><ellipse cx="700" cy="190" rx="90" ry="34" transform="rotate(-24 700 190)"/><ellipse cx="1250" cy="250" rx="96" ry="34" transform="rotate(18 1250 250)"/><ellipse cx="120" cy="420" rx="84" ry="30" transform="rotate(50 120 420)"/><ellipse cx="420" cy="430" rx="80" ry="28" transform="rotate(-40 420 430)"/></g>
      ${persimmon(560, 690, 150)}${persimmon(1160, 690, 170)}${persimmon(260, 640, 130)}${persimmon(860, 470, 120)}`,
    ),
    found: [],
  },
  {
    title: { en: 'Morning coffee', ko: '아침 커피' },
    svg: draw(
      1200,
      1200,
      ['#efe1d1', '#e2cbb2'],
      `<path d="M0 620h1200v580H0z" fill="#a9714b"/><path d="M0 620h1200v26H0z" fill="#8d5a3a"/><g transform="rotate(-8 860 900)"><rect x="640" y="800" width="440" height="220" rx="12" fill="#2f6f73"/><rect x="654" y="786" width="420" height="26" rx="8" fill="#fdf6e9"/><path d="M720 880h240M720 920h160" stroke="#f2e3c6" stroke-width="14" stroke-linecap="round"/></g>
      <ellipse cx="420" cy="905" rx="290" ry="62" fill="#f7f0e6"/><path d="M200 560h440q0 340-220 340t-220-340z" fill="#fdfaf5"/><path d="M630 620q130-10 120 90t-170 100" fill="none" stroke="#fdfaf5" stroke-width="40"/><ellipse cx="420" cy="562" rx="220" ry="48" fill="#e9dfd2"/><ellipse cx="420" cy="566" rx="190" ry="38" fill="#5c3621"/>
      <path d="M340 470q-50-70 10-130t0-130M470 470q-50-70 10-130t0-130" fill="none" stroke="#fff" stroke-width="20" opacity=".7" stroke-linecap="round"/>`,
    ),
    found: [
      ['cup', 0.93, 0.16, 0.42, 0.48, 0.35],
      ['book', 0.71, 0.52, 0.62, 0.4, 0.26],
    ],
  },
  {
    title: { en: '', ko: '' },
    svg: draw(
      1920,
      1080,
      ['#20315f', '#e7a38b'],
      `<circle cx="1380" cy="560" r="110" fill="#ffe3b3"/>${ridges(1920, 1080, ['#8d7aa8', '#6a5f93', '#48487a', '#2b305c'], 640, 90)}${bird(560, 330, 110, '#141a38')}${bird(720, 260, 84, '#141a38')}${bird(470, 220, 60, '#141a38')}`,
    ),
    found: [
      ['bird', 0.68, 0.258, 0.265, 0.066, 0.065],
      ['bird', 0.52, 0.35, 0.208, 0.05, 0.05],
    ],
  },
  {
    title: { en: 'Tongyeong harbour', ko: '통영 앞바다' },
    svg: draw(
      1800,
      1200,
      ['#bfe3ee', '#fbeedb'],
      `${ridges(1800, 1200, ['#a9c4c2', '#7ea5a4'], 520, 50)}<path d="M0 580h1800v620H0z" fill="#3d8ea3"/><path d="M0 760q450-24 900 0t900 0v440H0z" fill="#2f7990"/><path d="M0 980q450-30 900 0t900 0v220H0z" fill="#246479"/>
      ${boat(430, 720, 260, '#d1495b', '#fff8ec')}${boat(1240, 700, 220, '#edae49', '#fdf0d5')}${boat(860, 1000, 480, '#1f3b57', '#fffaf0')}${bird(300, 300, 80, '#fff')}${bird(1500, 240, 70, '#fff')}`,
    ),
    found: [
      sea('boat', 0.93, 612, 470, 496, 576),
      sea('boat', 0.84, 294, 432, 270, 314),
      sea('boat', 0.8, 1124, 456, 232, 266),
    ],
  },
  {
    title: { en: 'Munggu and his ball', ko: '공 좋아하는 뭉구' },
    svg: draw(
      1600,
      1200,
      ['#aadcf2', '#eaf7e6'],
      `<g fill="#5f9e6e"><circle cx="160" cy="480" r="190"/><circle cx="420" cy="540" r="150"/><circle cx="1420" cy="470" r="210"/></g><path d="M0 620q800-90 1600 0v580H0z" fill="#9acb6b"/><path d="M0 860q800-60 1600 10v330H0z" fill="#82b956"/>
      ${dog(700, 1010, 470, '#d9a066')}<circle cx="1180" cy="968" r="76" fill="#f25f5c"/><path d="M1108 948q72 40 144 0M1180 892v152" stroke="#fff" stroke-width="12" fill="none"/>`,
    ),
    found: [park('dog', 0.92, 352, 540, 670, 474), park('sports ball', 0.66, 1104, 892, 152, 152)],
  },
  {
    title: { en: 'Finally rain', ko: '드디어 비' },
    svg: draw(
      1200,
      1600,
      ['#5f7f95', '#b8c9cf'],
      `<g fill="#4c6a80"><rect x="60" y="420" width="240" height="820"/><rect x="330" y="300" width="200" height="940"/><rect x="820" y="380" width="300" height="860"/></g><path d="M0 1220h1200v380H0z" fill="#546b75"/><path d="M260 1480q340-60 700 0" stroke="#d5e1e4" stroke-width="18" fill="none" opacity=".5"/>
      <g stroke="#e8f1f4" stroke-width="6" opacity=".55" stroke-linecap="round">${Array.from({ length: 46 }, (_, i) => `<path d="M${(i * 271) % 1200} ${(i * 397) % 1400}l-14 60"/>`).join('')}</g>
      ${person(600, 1480, 700, '#f2c14e', '#33415c')}<path d="M600 700v420" stroke="#3a2a22" stroke-width="14"/><path d="M260 760q40-280 340-300t340 300q-56-60-113 0q-57-60-113 0q-57-60-114 0q-57-60-113 0q-57-60-114 0q-57-60-113 0z" fill="#d1495b"/><path d="M600 460q-90 120-113 300M600 460q90 120 114 300" stroke="#a8324a" stroke-width="8" fill="none"/>`,
    ),
    found: [rain('umbrella', 0.94, 256, 452, 690, 340), rain('person', 0.87, 428, 760, 344, 724)],
  },
  {
    title: { en: 'Pizza night', ko: '피자 먹는 밤' },
    svg: draw(
      1600,
      1200,
      ['#6b4a3a', '#4c3328'],
      `<path d="M0 0h800v1200H0z" fill="#fff" opacity=".03"/><circle cx="760" cy="640" r="470" fill="#f1ece4"/><circle cx="760" cy="640" r="400" fill="#d9923b"/><circle cx="760" cy="640" r="350" fill="#f6c453"/><g fill="#c8402f"><circle cx="640" cy="500" r="60"/><circle cx="880" cy="470" r="56"/><circle cx="960" cy="690" r="60"/><circle cx="740" cy="780" r="62"/><circle cx="560" cy="700" r="52"/></g>
      <g fill="#4f7d3a"><ellipse cx="760" cy="600" rx="44" ry="20" transform="rotate(30 760 600)"/><ellipse cx="840" cy="850" rx="44" ry="20" transform="rotate(-20 840 850)"/><ellipse cx="520" cy="570" rx="40" ry="18" transform="rotate(70 520 570)"/></g><path d="M760 290v700M457 465l606 350M457 815l606-350" stroke="#d9923b" stroke-width="8" opacity=".8"/>
      <circle cx="1370" cy="270" r="150" fill="#f7f3ee" opacity=".2"/><circle cx="1370" cy="270" r="116" fill="#7a1f33"/><circle cx="1340" cy="240" r="26" fill="#fff" opacity=".3"/>`,
    ),
    found: [
      ['pizza', 0.96, 0.22, 0.2, 0.51, 0.67],
      ['wine glass', 0.42, 0.76, 0.1, 0.19, 0.26],
    ],
  },
];
