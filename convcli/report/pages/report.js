"use strict";

/* Cross-correlation of whole levels, as convcli computes it: exact sums, one division, half levels rounded up. */

const BORDERS = {
  constant: () => -1,
  edge: (at, length) => Math.min(Math.max(at, 0), length - 1),
  wrap: (at, length) => ((at % length) + length) % length,
  symmetric: (at, length) => {
    const turn = ((at % (2 * length)) + 2 * length) % (2 * length);
    return turn < length ? turn : 2 * length - 1 - turn;
  },
  reflect: (at, length) => {
    if (length === 1) return 0;
    const period = 2 * length - 2;
    const turn = ((at % period) + period) % period;
    return turn < length ? turn : period - turn;
  },
};

/** The index in a line of every position under a weight: `offset` before the first pixel, -1 for the constant. */
function indices(length, taps, anchor, dilation, border) {
  const map = BORDERS[border];
  return Array.from({ length: taps }, (_, tap) =>
    Int32Array.from({ length }, (_, at) => {
      const source = at + (tap - anchor) * dilation;
      return source >= 0 && source < length ? source : map(source, length);
    }),
  );
}

/**
 * Correlate the levels of a picture with a kernel.
 *
 * picture: {width, height, channels, levels}, the channels of a pixel side by side, 0 to 255.
 * kernel: {weights (rows), divisor, bias and fill (shares of white), anchor and dilation ([row, column]), border}.
 * Returns {levels, clipped}: the levels and how many were out of range.
 */
function correlate(picture, kernel) {
  const { width, height, channels, levels } = picture;
  const rows = indices(height, kernel.weights.length, kernel.anchor[0], kernel.dilation[0], kernel.border);
  const columns = indices(width, kernel.weights[0].length, kernel.anchor[1], kernel.dilation[1], kernel.border);
  const result = new Uint8ClampedArray(levels.length);
  const bias = kernel.bias * 255;
  const fill = Math.floor(kernel.fill * 255 + 0.5); // a border has whole levels too
  let clipped = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        let sum = 0;
        for (let i = 0; i < rows.length; i += 1) {
          const row = rows[i][y];
          for (let j = 0; j < columns.length; j += 1) {
            const column = columns[j][x];
            const level = row < 0 || column < 0 ? fill : levels[(row * width + column) * channels + channel];
            sum += kernel.weights[i][j] * level;
          }
        }
        const level = Math.floor(sum / kernel.divisor + bias + 0.5);
        if (level < 0 || level > 255) clipped += 1;
        result[(y * width + x) * channels + channel] = level;
      }
    }
  }
  return { levels: result, clipped };
}

/** The number in a text: a decimal number, a fraction or a percentage; NaN for any other. */
function parsed(text) {
  const parts = text.trim().replace("\u2212", "-").replace(",", ".").split("/");
  const numbers = parts.map((part) => {
    const percent = part.trim().endsWith("%");
    const digits = percent ? part.trim().slice(0, -1) : part.trim();
    return digits === "" ? NaN : Number(digits) / (percent ? 100 : 1);
  });
  return numbers.length > 2 ? NaN : numbers.length === 2 ? numbers[0] / numbers[1] : numbers[0];
}

/** A number as it is written in a sentence. */
function shown(number) {
  return String(Number(number.toPrecision(4)));
}

/* The page. */

function decoded(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function drawn(canvas, picture, levels) {
  const image = new ImageData(picture.width, picture.height);
  for (let pixel = 0; pixel < picture.width * picture.height; pixel += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      image.data[4 * pixel + channel] = levels[pixel * picture.channels + (picture.channels === 3 ? channel : 0)];
    }
    image.data[4 * pixel + 3] = 255;
  }
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.getContext("2d").putImageData(image, 0, 0);
}

/** The number in a field: all digits of one that is not edited, of which the field shows the first. */
function readNumber(field) {
  return field.value === field.defaultValue ? Number(field.dataset.exact) : parsed(field.value);
}

/** The kernel in the fields of the form; null where one of them has no number. */
function edited(form, given) {
  const cells = [...form.querySelectorAll("[data-weight]")];
  const fields = [...cells, form.elements.divisor, form.elements.bias];
  for (const field of fields) {
    const number = readNumber(field);
    const isWrong = !Number.isFinite(number) || (field === form.elements.divisor && number === 0);
    field.setAttribute("aria-invalid", String(isWrong));
  }
  if (fields.some((field) => field.getAttribute("aria-invalid") === "true")) return null;
  const size = given.weights[0].length;
  const numbers = cells.map(readNumber);
  return {
    ...given,
    weights: given.weights.map((_, row) => numbers.slice(row * size, (row + 1) * size)),
    divisor: readNumber(form.elements.divisor),
    bias: readNumber(form.elements.bias),
    border: form.elements.border.value,
    fill: form.elements.border.value === given.border ? given.fill : 0,
  };
}

/** Start the editor: a form for each kernel, of which the chosen one is shown and applied. */
function startEditor(forms) {
  const { kernels, picture: packed } = JSON.parse(document.getElementById("editor-data").textContent);
  const picture = { ...packed, levels: decoded(packed.levels) };
  const status = document.getElementById("editor-status");
  const after = document.getElementById("crop-after");
  const choice = document.getElementById("editor-kernel");
  const show = () => {
    const index = choice === null ? 0 : Number(choice.value);
    forms.forEach((form, at) => {
      form.hidden = at !== index;
    });
    const kernel = edited(forms[index], kernels[index]);
    if (kernel === null) {
      status.textContent = "A field has no number: write 5, -0.5, 1/9 or 50%; the divisor is not 0.";
      return;
    }
    const { levels, clipped } = correlate(picture, kernel);
    drawn(after, picture, levels);
    const sum = kernel.weights.flat().reduce((total, weight) => total + weight, 0);
    const share = (100 * clipped) / levels.length;
    status.textContent =
      `The weights add up to ${shown(sum)}; a flat area is multiplied by ${shown(sum / kernel.divisor)}. ` +
      (clipped ? `${shown(share)} % of the values are clipped.` : "No value is clipped.");
  };
  drawn(document.getElementById("crop-before"), picture, picture.levels);
  forms.forEach((form, index) => {
    form.addEventListener("input", show);
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("reset", () => setTimeout(show));
    form.elements.sum.addEventListener("click", () => {
      const kernel = edited(form, kernels[index]);
      const total = kernel === null ? 0 : kernel.weights.flat().reduce((sum, weight) => sum + weight, 0);
      form.elements.divisor.value = String(total === 0 ? 1 : Number(total.toPrecision(15)));
      show();
    });
  });
  if (choice !== null) choice.addEventListener("change", show);
  show();
}

function startSlider(slider) {
  const range = slider.querySelector("input");
  const move = () => slider.style.setProperty("--at", `${range.value}%`);
  range.addEventListener("input", move);
  move();
}

/** Let the keyboard reach what is wider than its place, and scroll it; fields in it are reached anyway. */
function reachScrolled() {
  for (const each of document.querySelectorAll(".wide")) {
    if (each.scrollWidth > each.clientWidth && !each.querySelector("input")) each.tabIndex = 0;
    else each.removeAttribute("tabindex");
  }
}

if (typeof document !== "undefined") {
  for (const event of ["load", "resize"]) addEventListener(event, reachScrolled);
  document.querySelectorAll(".slider").forEach(startSlider);
  const forms = [...document.querySelectorAll("form.editor")];
  if (forms.length) startEditor(forms);
}
if (typeof module !== "undefined") module.exports = { correlate, parsed };
