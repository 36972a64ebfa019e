// The things that the drawn scenes are made of, as SVG fragments in the scene's own pixels. Everything here is our own drawing.

/** A standing figure; `x` is its middle, `y` where it stands. */
export function person(x: number, y: number, height: number, coat: string, legs = '#2d3142'): string {
  const u = height / 100;
  return `<g transform="translate(${x} ${y}) scale(${u})">
    <path d="M-9 0V-44h18V0h-7v-34h-4V0z" fill="${legs}"/>
    <path d="M-15-78q15-10 30 0l3 40h-36z" fill="${coat}"/>
    <path d="M-15-76l-8 30M15-76l8 30" stroke="${coat}" stroke-width="7" stroke-linecap="round"/>
    <circle cy="-91" r="9" fill="#e8b48f"/><path d="M-9.5-92a9.5 9.5 0 0 1 19 0q-9-5-19 0z" fill="#3a2a22"/></g>`;
}

/** Four corners with a tail; `x`, `y` is the middle. */
export function kite(x: number, y: number, size: number, one: string, two: string, turn = 0): string {
  const s = size / 2;
  return `<g transform="translate(${x} ${y}) rotate(${turn})">
    <path d="M0 ${s}q-20 40 10 70t-6 70t12 60" fill="none" stroke="${two}" stroke-width="3" opacity=".8"/>
    <path d="M0-${s}L${s * 0.72}-${s * 0.1}L0 ${s}z" fill="${one}"/><path d="M0-${s}L-${s * 0.72}-${s * 0.1}L0 ${s}z" fill="${two}"/></g>`;
}

export function persimmon(x: number, y: number, radius: number): string {
  const u = radius / 10;
  return `<g transform="translate(${x} ${y}) scale(${u}) translate(-12 -13)">
    <path d="M12 4.5c6.4 0 10.2 3.2 10.2 8.7S17.8 22 12 22 1.8 18.7 1.8 13.2 5.6 4.5 12 4.5z" fill="#e8622c"/>
    <path d="M3 16.5c3 4.500 11 6.500 17.500-.5-1.500 4-5 6-8.500 6s-7.500-2-9-5.500z" fill="#c2451b" opacity=".6"/>
    <path d="M4.6 12.6c.1-1.6.7-2.9 1.700-3.900" fill="none" stroke="#fff" stroke-opacity=".55" stroke-width="1.3" stroke-linecap="round"/>
    <path d="M12 7.4c-2.2-2.5-5.2-2.9-7.4-1.5 1.5 2.2 4 2.9 5.6 2.4-.6 1.6-.3 3.5.6 4.7.6-1 1-2.3 1.2-3.4.2 1.1.6 2.4 1.2 3.4.9-1.2 1.2-3.1.6-4.7 1.6.5 4.1-.2 5.6-2.4-2.2-1.4-5.2-1-7.4 1.5z" fill="#55702f"/></g>`;
}

/** A sitting cat seen from behind; `x` is its middle, `y` where it sits. */
export function cat(x: number, y: number, height: number, fur: string, stripe: string): string {
  const u = height / 100;
  return `<g transform="translate(${x} ${y}) scale(${u})">
    <path d="M24-6q34 2 30-26t-14-18" fill="none" stroke="${fur}" stroke-width="9" stroke-linecap="round"/>
    <path d="M-30 0c-6-36 6-56 14-62h32c8 6 20 26 14 62z" fill="${fur}"/>
    <path d="M-24-76l-2-24 17 12h18l17-12-2 24a24 20 0 0 1-48 0z" fill="${fur}"/>
    <path d="M-8-92v8M0-94v10M8-92v8M-27-20h14M-27-30h12M27-20h-14M27-30h-12M-8-46h16M-10-36h20" stroke="${stripe}" stroke-width="3.5" stroke-linecap="round"/></g>`;
}

/** A dog that stands and looks to the right. */
export function dog(x: number, y: number, height: number, fur: string): string {
  const u = height / 100;
  return `<g transform="translate(${x} ${y}) scale(${u})" fill="${fur}">
    <path d="M-52-58q-22-8-20-32" fill="none" stroke="${fur}" stroke-width="10" stroke-linecap="round"/>
    <path d="M-56-62q4-8 16-8h56l16-26 8 6 22 6q8 4 4 14l-18 6-10 28V0H24v-26h-44V0h-14v-24L-46 0h-13l5-36z"/>
    <path d="M32-96l-14 26 12 4 12-24z" fill="#5b3a26"/><circle cx="46" cy="-84" r="3" fill="#20140d"/><circle cx="63" cy="-80" r="4" fill="#20140d"/></g>`;
}

export function boat(x: number, y: number, width: number, hull: string, sail: string): string {
  const u = width / 100;
  return `<g transform="translate(${x} ${y}) scale(${u})"><path d="M-50-16h100l-16 24h-66z" fill="${hull}"/><path d="M-50-16h100l-3 5h-93z" fill="#fff" opacity=".7"/>
    <path d="M0-18v-92" stroke="#5b4636" stroke-width="3"/><path d="M4-108q42 40 36 84H4z" fill="${sail}"/><path d="M-4-98q-30 36-30 74h30z" fill="${sail}" opacity=".8"/>
    <path d="M-34 12h68" stroke="#fff" stroke-width="3" opacity=".35" stroke-linecap="round"/></g>`;
}

export function bird(x: number, y: number, size: number, colour: string): string {
  const s = size / 2;
  return `<path d="M${x - s} ${y}q${s * 0.5}-${s * 0.7} ${s} 0q${s * 0.5}-${s * 0.7} ${s} 0q-${s * 0.6}-${s * 0.2} -${s} ${s * 0.35}q-${s * 0.4}-${s * 0.55}-${s}-${s * 0.35}z" fill="${colour}"/>`;
}

export function bicycle(x: number, y: number, width: number, frame: string): string {
  const u = width / 100;
  return `<g transform="translate(${x} ${y}) scale(${u})" fill="none" stroke-width="3.5" stroke-linecap="round" stroke-linejoin="round">
    <g stroke="#20232e"><circle cx="-30" cy="-20" r="19"/><circle cx="31" cy="-20" r="19"/></g>
    <path d="M-30-20l14-30h36l11 30M-16-50l14 30h-28M-2-20l22-30l-3-12h-8M-16-50l-3-8h-7h12" stroke="${frame}"/></g>`;
}

export function pot(x: number, y: number, height: number, leaf: string): string {
  const u = height / 100;
  const leaves = [-62, -34, -10, 14, 38, 64].map(
    (turn, index) =>
      `<path d="M0-34q-13-${30 + (index % 2) * 8} 0-${60 + (index % 3) * 6}q13 30 0 60z" transform="rotate(${turn} 0 -34)" fill="${leaf}" opacity="${index % 2 === 0 ? 1 : 0.82}"/>`,
  );
  return `<g transform="translate(${x} ${y}) scale(${u})">${leaves.join('')}<path d="M-20-34h40l-5 34h-30z" fill="#c8714a"/><path d="M-22-38h44v9h-44z" fill="#b05f3c"/></g>`;
}

/** Hills one behind the other, the far ones paler. */
export function ridges(
  width: number,
  height: number,
  colours: readonly string[],
  from: number,
  step: number,
): string {
  return colours
    .map((colour, index) => {
      const y = from + index * step;
      const wave = (shift: number) => y - Math.abs(Math.sin(index * 2.1 + shift)) * step * 1.25;
      const points = Array.from(
        { length: 9 },
        (_, at) => `${(at * width) / 8} ${Math.round(wave(at * 1.7))}`,
      );
      return `<path d="M0 ${height}L${points.join('L')}L${width} ${height}z" fill="${colour}" stroke="${colour}" stroke-width="40" stroke-linejoin="round"/>`;
    })
    .join('');
}
