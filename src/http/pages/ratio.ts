// Tells the stylesheet a picture's proportion. Our policy forbids style attributes, so its digits are classes (static/css/ratio.css).

/** width / height as `ratio i1 d3 e3 f3` for 1.333: exact to a two-thousandth, which is less than a pixel on any screen. */
export function ratioClasses(ratio: number): string {
  let rest = Math.min(99_999, Math.max(1, Math.round(ratio * 1000)));
  let classes = '';
  for (const place of places) {
    const digit = rest % 10;
    if (digit !== 0) classes = ` ${place}${digit}${classes}`;
    rest = (rest - digit) / 10;
  }
  return `ratio${classes}`;
}

// Thousandths, hundredths, tenths, ones, tens.
const places = ['f', 'e', 'd', 'i', 't'] as const;
