'use strict';
{
const data = JSON.parse(document.getElementById('data').textContent);
const {cpus, kernels, panels} = data;
const severalCPUs = cpus.length > 1;

const element = (name, properties = {}, ...children) => {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    key in e ? e[key] = value : e.setAttribute(key, value);
  }
  e.append(...children);
  return e;
};

// Theme

const root = document.documentElement;
const themeButton = document.getElementById('theme');
const prefersDark = matchMedia('(prefers-color-scheme: dark)');
let colours = {};
const setTheme = dark => {
  root.dataset.theme = dark ? 'dark' : 'light';
  themeButton.textContent = dark ? 'Light' : 'Dark';
  colours = {};
};
const colour = name => colours[name] ??= getComputedStyle(root).getPropertyValue(name).trim();
setTheme(prefersDark.matches);
prefersDark.addEventListener('change', e => { setTheme(e.matches); redraw(); });
themeButton.addEventListener('click', () => { setTheme(root.dataset.theme !== 'dark'); redraw(); });

// Lines: colour and marker tell CPUs apart, the dash tells kernels. With one
// CPU, the colour and marker tell kernels too.

const dashes = {avx512: [], avx2: [12, 4], sse2: [6, 4], neon: [], generic: [12, 4, 2, 4], loop: [3, 4]};
const limitDash = [1, 3];
const inkCount = 7;
const look = s => severalCPUs ? s.cpu : s.kernel;
const strokeOf = s => colour('--c' + look(s) % inkCount);
const dashOf = s => s.limit ? limitDash : dashes[kernels[s.kernel]] ?? [8, 4];
const widthOf = s => s.limit ? 1.5 : 2;
const markerSize = 7;
const markers = [
  (p, x, y, r) => { p.moveTo(x + r, y); p.arc(x, y, r, 0, 2 * Math.PI); },
  (p, x, y, r) => p.rect(x - r * .85, y - r * .85, r * 1.7, r * 1.7),
  (p, x, y, r) => { p.moveTo(x, y - r * 1.15); p.lineTo(x + r * 1.1, y + r * .85); p.lineTo(x - r * 1.1, y + r * .85); p.closePath(); },
  (p, x, y, r) => { p.moveTo(x, y - r * 1.25); p.lineTo(x + r * 1.25, y); p.lineTo(x, y + r * 1.25); p.lineTo(x - r * 1.25, y); p.closePath(); },
  (p, x, y, r) => { p.moveTo(x, y + r * 1.15); p.lineTo(x + r * 1.1, y - r * .85); p.lineTo(x - r * 1.1, y - r * .85); p.closePath(); },
];
const markerOf = s => markers[look(s) % markers.length];
const svgMarkers = ['M{r},0A{r},{r} 0 1 1 {r},-.01Z', 'M-3,-3H3V3H-3Z', 'M0,-4L3.8,3L-3.8,3Z', 'M0,-4.4L4.4,0L0,4.4L-4.4,0Z', 'M0,4L3.8,-3L-3.8,-3Z'];

// sample is a bit of a line, as a legend shows it.
const sample = (stroke, dash, width, marker) => {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  svg.setAttribute('class', 'sample');
  svg.setAttribute('viewBox', '-20 -7 40 14');
  svg.setAttribute('aria-hidden', 'true');
  const path = (d, attributes) => {
    const p = document.createElementNS(ns, 'path');
    p.setAttribute('d', d);
    for (const [k, v] of Object.entries(attributes)) p.setAttribute(k, v);
    svg.append(p);
  };
  path('M-20,0H20', {stroke, 'stroke-width': width, 'stroke-dasharray': dash.join(' ')});
  if (marker !== undefined) {
    path(svgMarkers[marker % svgMarkers.length].replaceAll('{r}', '3.5'), {fill: stroke});
  }
  return svg;
};
const sampleOf = s => sample(`var(--c${look(s) % inkCount})`, dashOf(s), widthOf(s), s.limit ? undefined : look(s));

// Choices

const on = {cpu: cpus.map(() => true), kernel: [], limit: true};
on.kernel = kernels.map(k => !data.chosen?.length || k === 'loop' || data.chosen.includes(k));
const shown = s => on.cpu[s.cpu] && on.kernel[s.kernel] && (!s.limit || on.limit);

const choice = (field, text, svg, checked, set) => {
  const box = element('input', {type: 'checkbox', checked, name: text});
  box.addEventListener('change', () => { set(box.checked); update(); });
  document.getElementById(field).append(element('label', {}, box, svg, text));
};
const kernelName = k => k === 'loop' ? 'plain Go loop' : k;
cpus.forEach((c, i) => choice('cpus', c.name,
  severalCPUs ? sample(`var(--c${i % inkCount})`, [], 2, i) : '', true, v => on.cpu[i] = v));
const kernelSample = (s, marker) => severalCPUs
  ? sample('var(--ink)', dashOf(s), widthOf(s)) : sampleOf(s);
kernels.forEach((k, i) => choice('kernels', kernelName(k), kernelSample({cpu: 0, kernel: i}), on.kernel[i], v => on.kernel[i] = v));
if (panels.some(p => p.series.some(s => s.limit))) {
  choice('kernels', 'limit', sample('var(--ink)', limitDash, 1.5), true, v => on.limit = v);
}

// Numbers

const throughput = (panel, n, ns) => n * panel.size / ns; // bytes per ns are GB/s
const short = x => x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x >= 1 ? x.toFixed(2) : x.toPrecision(2);
const binary = (n, unit = '') => {
  for (const [size, prefix] of [[2 ** 30, 'Gi'], [2 ** 20, 'Mi'], [2 ** 10, 'Ki']]) {
    if (n >= size && n % size === 0) return n / size + (unit ? ' ' : '') + prefix + unit;
  }
  return n + (unit ? ' ' + unit : '');
};
const seriesName = s => [severalCPUs ? cpus[s.cpu].name : '', kernelName(kernels[s.kernel]) + (s.limit ? ' limit' : '')].filter(Boolean).join(', ');

// Charts

const drawMarkers = (u, index, first, last) => {
  const r = markerSize / 2 * devicePixelRatio, fill = new Path2D();
  const s = u.series[index].source, marker = markerOf(s);
  for (let i = first; i <= last; i++) {
    const y = u.data[index][i];
    if (y != null) marker(fill, u.valToPos(u.data[0][i], 'x', true), u.valToPos(y, 'y', true), r);
  }
  return {stroke: null, fill, clip: null, flags: 3};
};

// drawCaches marks where the slices of a call fill a cache.
const drawCaches = (u, panel) => {
  const {ctx, bbox} = u, ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = 'center';
  cpus.forEach((c, i) => {
    if (!on.cpu[i]) return;
    ctx.strokeStyle = ctx.fillStyle = severalCPUs ? colour('--c' + i % inkCount) : colour('--faint');
    for (const {name, bytes} of c.caches) {
      const length = bytes / panel.size / panel.arrays;
      if (length < u.scales.x.min || length > u.scales.x.max) continue;
      const x = u.valToPos(length, 'x', true);
      ctx.lineWidth = ratio;
      ctx.setLineDash([2 * ratio, 4 * ratio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.fillText(name, x, bbox.top - 4 * ratio);
    }
  });
  ctx.restore();
};

// Each step of the axis of lengths is a factor of 16, or of 256 where room is
// short.
const lengthSplits = (u, axis, min, max) => {
  const factor = u.width < 360 ? 8 : 4, splits = [];
  for (let e = 0; 2 ** e <= max; e += factor) if (2 ** e >= min) splits.push(2 ** e);
  return splits;
};

// The axis of throughputs has powers of ten, and twice and five times those
// where there are few.
const throughputSplits = (u, axis, min, max) => {
  const steps = max / min < 500 ? [1, 2, 5] : [1], splits = [];
  for (let e = Math.floor(Math.log10(min)); 10 ** e <= max; e++) {
    for (const step of steps) {
      const v = +`${step}e${e}`;
      if (v >= min && v <= max) splits.push(v);
    }
  }
  return splits;
};

const draw = panel => {
  const chart = element('div', {className: 'chart'});
  const readout = element('div', {className: 'readout', hidden: true});
  const live = element('div', {role: 'status', className: 'live', style: 'position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden'});
  const figure = element('figure', {tabIndex: 0, 'aria-label': `${panel.op} ${panel.type}: throughput against length. The arrow keys read values.`},
    element('figcaption', {}, panel.op + ' ', element('span', {}, panel.type)), chart, readout, live);
  document.getElementById('charts').append(figure);

  const axis = {stroke: () => colour('--faint'), grid: {stroke: () => colour('--rule'), width: 1}, ticks: {show: false}, font: '12px system-ui, sans-serif'};
  const lengths = panel.lengths;
  const plot = new uPlot({
    width: chart.clientWidth, height: chart.clientHeight,
    padding: [18, 22, 0, 0],
    legend: {show: false},
    cursor: {y: false, drag: {x: false, y: false}, points: {show: false}},
    scales: {
      x: {time: false, distr: 3, log: 2, range: () => [lengths[0], Math.max(lengths.at(-1), 2 * lengths[0])]},
      y: {distr: 3, log: 10, range: (u, min, max) => min == null ? [1, 100] : [min / 1.25, max * 1.25]},
    },
    axes: [
      {...axis, size: 22, gap: 4, labelGap: 0, labelSize: 16, labelFont: '12px system-ui, sans-serif', label: 'elements', splits: lengthSplits, filter: (u, splits) => splits, values: (u, splits) => splits.map(n => binary(n))},
      {...axis, size: 46, labelSize: 16, labelFont: '12px system-ui, sans-serif', label: 'GB/s', splits: throughputSplits, filter: (u, splits) => splits, values: (u, splits) => splits.map(String)},
    ],
    series: [{}, ...panel.series.map(s => ({
      source: s, show: shown(s), spanGaps: true,
      stroke: () => strokeOf(s), width: widthOf(s), dash: dashOf(s),
      points: s.limit ? {show: false} : {show: true, paths: drawMarkers, fill: () => strokeOf(s), width: 0, size: markerSize},
    }))],
    hooks: {
      drawClear: [u => drawCaches(u, panel)],
      setCursor: [u => read(u.cursor.idx)],
    },
  }, [lengths, ...panel.series.map(s => s.times.map((ns, i) => ns ? throughput(panel, lengths[i], ns) : null))], chart);

  function read(i) {
    readout.hidden = i == null;
    if (readout.hidden) return;
    const n = lengths[i];
    const values = panel.series.filter(s => shown(s) && s.times[i]).map(s => ({s, ns: s.times[i]})).sort((a, b) => a.ns - b.ns);
    readout.replaceChildren(
      element('strong', {}, `${n} element${n === 1 ? '' : 's'}, ${binary(n * panel.size, 'B')}`),
      element('table', {}, ...values.map(({s, ns}) => element('tr', {},
        element('td', {}, sampleOf(s)),
        element('td', {className: 'name'}, seriesName(s)),
        element('td', {className: 'number'}, `${short(throughput(panel, n, ns))} GB/s`),
        element('td', {className: 'number'}, `${ns} ns`)))));
    // Beside the pointer, on the side where there is room, or else below.
    const x = plot.valToPos(n, 'x') + plot.over.offsetLeft;
    const width = readout.offsetWidth, room = figure.clientWidth - width, gap = 14;
    const beside = Math.max(x, figure.clientWidth - x) > width + gap;
    const left = x > figure.clientWidth / 2 ? x - width - gap : x + gap;
    readout.style.left = Math.max(0, beside ? left : Math.min(x - width / 2, room)) + 'px';
    readout.style.top = chart.offsetTop + (beside ? 24 : chart.offsetHeight) + 'px';
  }

  const point = i => plot.setCursor({left: plot.valToPos(lengths[i], 'x'), top: 10});
  const leave = () => plot.setCursor({left: -10, top: -10});
  figure.addEventListener('keydown', e => {
    const now = plot.cursor.idx, last = lengths.length - 1;
    const next = {ArrowRight: now == null ? 0 : Math.min(now + 1, last), ArrowLeft: now == null ? last : Math.max(now - 1, 0), Home: 0, End: last}[e.key];
    if (e.key === 'Escape') leave();
    if (next === undefined) return;
    e.preventDefault();
    point(next);
    live.textContent = [readout.firstChild.textContent, ...[...readout.querySelectorAll('tr')].map(tr => [...tr.cells].slice(1).map(td => td.textContent).join(' '))].join('; ');
  });
  figure.addEventListener('blur', leave);
  for (const type of ['pointerdown', 'pointermove']) {
    chart.addEventListener(type, e => {
      if (e.pointerType === 'mouse') return; // uPlot sees mice
      const box = plot.over.getBoundingClientRect();
      plot.setCursor({left: e.clientX - box.left, top: e.clientY - box.top});
    });
  }
  new ResizeObserver(() => plot.setSize({width: chart.clientWidth, height: chart.clientHeight})).observe(chart);
  return plot;
};

// Table of speed-ups

const allRows = data.rows.map(([cpu, panel, kernel, place, length, time, ofLimit, ofLoop]) =>
  ({cpu, panel, kernel, place, length, time, ofLimit, ofLoop, throughput: throughput(panels[panel], length, time)}));
const known = (x, text) => x ? text : '?';
const columns = [
  ...severalCPUs ? [{title: 'CPU', value: r => cpus[r.cpu].name}] : [],
  {title: 'Operation', value: r => panels[r.panel].op},
  {title: 'Type', value: r => panels[r.panel].type},
  {title: 'Slices in', value: r => r.place, rank: r => ['short', 'L1', 'L2', 'L3', 'memory', 'longest'].indexOf(r.place)},
  {title: 'Elements', number: true, value: r => r.length},
  {title: 'Kernel', value: r => kernelName(kernels[r.kernel])},
  {title: 'ns/call', number: true, value: r => r.time},
  {title: 'GB/s', number: true, value: r => r.throughput, text: r => short(r.throughput)},
  {title: 'Of the limit', number: true, value: r => r.ofLimit, text: r => known(r.ofLimit, Math.round(100 * r.ofLimit) + '%')},
  {title: 'Times the loop', number: true, value: r => r.ofLoop, text: r => known(r.ofLoop, short(r.ofLoop))},
];
const table = document.getElementById('speedups');
const sorting = {column: null, descending: false};
const headings = columns.map(c => {
  const button = element('button', {type: 'button'}, c.title);
  const th = element('th', {scope: 'col', className: c.number ? 'number' : ''}, button);
  button.addEventListener('click', () => {
    // The first press puts the largest number first, and A before B.
    sorting.descending = sorting.column === c ? !sorting.descending : !!c.number;
    sorting.column = c;
    tabulate();
  });
  return th;
});
table.tHead.append(element('tr', {}, ...headings));

function tabulate() {
  const c = sorting.column;
  let rows = allRows.filter(r => on.cpu[r.cpu] && on.kernel[r.kernel]);
  if (c) {
    const key = c.rank ?? c.value;
    const compare = (a, b) => c.value(a) === c.value(b) ? 0 : key(a) < key(b) ? -1 : 1;
    rows = rows.sort((a, b) => sorting.descending ? compare(b, a) : compare(a, b));
  }
  headings.forEach((th, i) => {
    columns[i] === c ? th.setAttribute('aria-sort', sorting.descending ? 'descending' : 'ascending') : th.removeAttribute('aria-sort');
  });
  table.tBodies[0].replaceChildren(...rows.map(r => element('tr', {},
    ...columns.map(c => element('td', {className: c.number ? 'number' : ''}, String((c.text ?? c.value)(r)))))));
}

// Figures as CSV

const csv = document.getElementById('csv');
const quoted = text => /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
function list() {
  const lines = ['cpu,operation,type,kernel,elements,bytes,ns,gb_per_s'];
  for (const p of panels) {
    for (const s of p.series.filter(shown)) {
      s.times.forEach((ns, i) => {
        const n = p.lengths[i];
        if (ns) lines.push([quoted(cpus[s.cpu].name), p.op, p.type, (s.limit ? 'copy-' : '') + kernels[s.kernel], n, n * p.size, ns, +throughput(p, n, ns).toPrecision(5)].join());
      });
    }
  }
  csv.value = lines.join('\n') + '\n';
}
document.getElementById('copy').addEventListener('click', async () => {
  const copied = document.getElementById('copied');
  try {
    await navigator.clipboard.writeText(csv.value);
    copied.textContent = 'Copied.';
  } catch {
    csv.select();
    copied.textContent = 'Selected: press Ctrl+C or ⌘C.';
  }
});

// All of it

const plots = panels.map(draw);
function redraw() {
  for (const plot of plots) plot.redraw(false);
}
function update() {
  for (const plot of plots) {
    plot.batch(() => plot.series.forEach((s, i) => { if (i) plot.setSeries(i, {show: shown(s.source)}); }));
    plot.redraw();
  }
  tabulate();
  list();
}
tabulate();
list();
}
