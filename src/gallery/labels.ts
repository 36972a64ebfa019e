// The 80 things an engine can name, and how people say them. Knows no page and no language setting: the caller says which.

import { GalleryError } from './errors.ts';
import { cleanTitle } from './photo.ts';

/** COCO 2017 class names in the order of the class numbers that engines answer with. */
// biome-ignore format: ten a row keep the class numbers countable
export const cocoLabels = [
  'person', 'bicycle', 'car', 'motorcycle', 'airplane', 'bus', 'train', 'truck', 'boat', 'traffic light',
  'fire hydrant', 'stop sign', 'parking meter', 'bench', 'bird', 'cat', 'dog', 'horse', 'sheep', 'cow',
  'elephant', 'bear', 'zebra', 'giraffe', 'backpack', 'umbrella', 'handbag', 'tie', 'suitcase', 'frisbee',
  'skis', 'snowboard', 'sports ball', 'kite', 'baseball bat', 'baseball glove', 'skateboard', 'surfboard', 'tennis racket', 'bottle',
  'wine glass', 'cup', 'fork', 'knife', 'spoon', 'bowl', 'banana', 'apple', 'sandwich', 'orange',
  'broccoli', 'carrot', 'hot dog', 'pizza', 'donut', 'cake', 'chair', 'couch', 'potted plant', 'bed',
  'dining table', 'toilet', 'tv', 'laptop', 'mouse', 'remote', 'keyboard', 'cell phone', 'microwave', 'oven',
  'toaster', 'sink', 'refrigerator', 'book', 'clock', 'vase', 'scissors', 'teddy bear', 'hair drier', 'toothbrush',
] as const;
export type CocoLabel = (typeof cocoLabels)[number];

/** What a chip says of a label by itself. An unknown label is its own name. */
export function labelName(label: string, language: 'en' | 'ko'): string {
  return language === 'ko' && isKnown(label) ? korean[label][0] : label;
}

/** What a chip says of several: "2 people", "3 buses", "dog"; in Korean "사람 2", "개". One is not counted aloud. */
export function countedLabel(label: string, count: number, language: 'en' | 'ko'): string {
  if (count === 1) return labelName(label, language);
  return language === 'ko' ? `${labelName(label, 'ko')} ${count}` : `${count} ${plural(label)}`;
}

/** What a sentence says: "2 people", "1 dog"; in Korean with the counter that belongs to the thing: "사람 2명", "개 1마리". */
export function spokenLabel(label: string, count: number, language: 'en' | 'ko'): string {
  if (language === 'en') return `${count} ${count === 1 ? singular(label) : plural(label)}`;
  return `${labelName(label, 'ko')} ${count}${isKnown(label) ? korean[label][1] : '개'}`;
}

export const maxLabelLength = 40;

/**
 * What somebody typed as a label: the class name when it is one of those in English or Korean, in one or several ("Dogs", "개"),
 * else their own words, cleaned. @throws GalleryError `bad-label` when nothing is left, or too much
 */
export function labelFrom(text: string): string {
  const own = cleanTitle(text.replace(/\p{Surrogate}/gu, ''));
  const visible = own.replace(/[\p{Default_Ignorable_Code_Point}\p{White_Space}\u2800]/gu, '');
  const known = byName.get(own.toLowerCase());
  if (known !== undefined) return known;
  if (visible !== '' && [...own].length <= maxLabelLength) return own;
  throw new GalleryError('bad-label', `Give a label of 1 to ${maxLabelLength} characters.`, {
    limit: maxLabelLength,
  });
}

const isKnown = (label: string): label is CocoLabel => Object.hasOwn(korean, label);

const irregular: Readonly<Record<string, string>> = {
  person: 'people',
  sheep: 'sheep',
  mouse: 'mice',
  knife: 'knives',
  skis: 'pairs of skis',
  scissors: 'pairs of scissors',
  broccoli: 'pieces of broccoli',
};

const singular = (label: string) => (/^(?:skis|scissors)$/.test(label) ? `pair of ${label}` : label);

function plural(label: string): string {
  if (Object.hasOwn(irregular, label)) return irregular[label] ?? label;
  return /(?:s|x|ch|sh)$/.test(label) ? `${label}es` : `${label}s`;
}

/** Everyday name and counter. */
const korean: Readonly<Record<CocoLabel, readonly [name: string, counter: string]>> = {
  person: ['사람', '명'],
  bicycle: ['자전거', '대'],
  car: ['자동차', '대'],
  motorcycle: ['오토바이', '대'],
  airplane: ['비행기', '대'],
  bus: ['버스', '대'],
  train: ['기차', '대'],
  truck: ['트럭', '대'],
  boat: ['배', '척'],
  'traffic light': ['신호등', '개'],
  'fire hydrant': ['소화전', '개'],
  'stop sign': ['정지 표지판', '개'],
  'parking meter': ['주차 요금기', '대'],
  bench: ['벤치', '개'],
  bird: ['새', '마리'],
  cat: ['고양이', '마리'],
  dog: ['개', '마리'],
  horse: ['말', '마리'],
  sheep: ['양', '마리'],
  cow: ['소', '마리'],
  elephant: ['코끼리', '마리'],
  bear: ['곰', '마리'],
  zebra: ['얼룩말', '마리'],
  giraffe: ['기린', '마리'],
  backpack: ['배낭', '개'],
  umbrella: ['우산', '개'],
  handbag: ['핸드백', '개'],
  tie: ['넥타이', '개'],
  suitcase: ['여행 가방', '개'],
  frisbee: ['원반', '개'],
  skis: ['스키', '벌'],
  snowboard: ['스노보드', '개'],
  'sports ball': ['공', '개'],
  kite: ['연', '개'],
  'baseball bat': ['야구 방망이', '개'],
  'baseball glove': ['야구 글러브', '개'],
  skateboard: ['스케이트보드', '개'],
  surfboard: ['서핑 보드', '개'],
  'tennis racket': ['테니스 라켓', '개'],
  bottle: ['병', '개'],
  'wine glass': ['와인 잔', '개'],
  cup: ['컵', '개'],
  fork: ['포크', '개'],
  knife: ['칼', '자루'],
  spoon: ['숟가락', '개'],
  bowl: ['그릇', '개'],
  banana: ['바나나', '개'],
  apple: ['사과', '개'],
  sandwich: ['샌드위치', '개'],
  orange: ['오렌지', '개'],
  broccoli: ['브로콜리', '개'],
  carrot: ['당근', '개'],
  'hot dog': ['핫도그', '개'],
  pizza: ['피자', '판'],
  donut: ['도넛', '개'],
  cake: ['케이크', '개'],
  chair: ['의자', '개'],
  couch: ['소파', '개'],
  'potted plant': ['화분', '개'],
  bed: ['침대', '개'],
  'dining table': ['식탁', '개'],
  toilet: ['변기', '개'],
  tv: ['텔레비전', '대'],
  laptop: ['노트북', '대'],
  mouse: ['마우스', '개'],
  remote: ['리모컨', '개'],
  keyboard: ['키보드', '개'],
  'cell phone': ['휴대폰', '대'],
  microwave: ['전자레인지', '대'],
  oven: ['오븐', '대'],
  toaster: ['토스터', '대'],
  sink: ['싱크대', '개'],
  refrigerator: ['냉장고', '대'],
  book: ['책', '권'],
  clock: ['시계', '개'],
  vase: ['꽃병', '개'],
  scissors: ['가위', '개'],
  'teddy bear': ['곰 인형', '개'],
  'hair drier': ['헤어드라이어', '개'],
  toothbrush: ['칫솔', '개'],
};

const byName: ReadonlyMap<string, CocoLabel> = new Map(
  cocoLabels.flatMap((label) =>
    [label, plural(label), korean[label][0]].map((name) => [name, label] as const),
  ),
);
