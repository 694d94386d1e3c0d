// Bundles the viewer page into one folder of static files: `npm run build -- --outdir DIR`.
// Everything under assets/ carries a hash of its content in its name and may be cached for ever; index.html names them and may not.
// manifest.json lists all files with type, caching and packed form, for the packager.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const kHere = dirname(fileURLToPath(import.meta.url));
const kTypes = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

async function bundle(entry, outdir) {
  const result = await build({
    entryPoints: [join(kHere, entry)],
    outdir: join(outdir, 'assets'),
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    metafile: true,
    format: 'esm',
    target: ['es2020', 'chrome87', 'firefox78', 'safari14'],
    legalComments: 'linked', // the licences of video.js and hls.js, beside the bundle
    loader: { '.woff': 'dataurl' },
    logLevel: 'warning',
  });
  const made = Object.entries(result.metafile.outputs).find(([, output]) => output.entryPoint);
  return `assets/${made[0].split('/').pop()}`;
}

function hashed(source, outdir) {
  const bytes = readFileSync(join(kHere, source));
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8).toUpperCase();
  const [name, ext] = [source.split('/').pop().replace(/\.[^.]+$/, ''), extname(source)];
  writeFileSync(join(outdir, 'assets', `${name}-${hash}${ext}`), bytes);
  return `assets/${name}-${hash}${ext}`;
}

// The gzip form beside each file that it makes smaller: packed here, once, and not whenever a packager starts.
function pack(outdir, path) {
  const plain = readFileSync(join(outdir, path));
  const packed = gzipSync(plain, { level: 9 });
  if (packed.length >= plain.length) return {};
  writeFileSync(join(outdir, `${path}.gz`), packed);
  return { packed: `${path}.gz` };
}

function manifest(outdir) {
  const files = ['index.html', ...readdirSync(join(outdir, 'assets')).map((name) => `assets/${name}`)].sort();
  return files.map((path) => ({
    path,
    type: kTypes[extname(path)] ?? 'text/plain; charset=utf-8',
    immutable: path.startsWith('assets/'),
    ...pack(outdir, path),
  }));
}

const { values } = parseArgs({ options: { outdir: { type: 'string', default: join(kHere, 'dist') } } });
const outdir = values.outdir;
rmSync(outdir, { recursive: true, force: true });
mkdirSync(join(outdir, 'assets'), { recursive: true });

const names = {
  script: await bundle('src/main.js', outdir),
  style: await bundle('src/viewer.css', outdir),
  icon: hashed('src/favicon.svg', outdir),
};
const page = readFileSync(join(kHere, 'src/index.html'), 'utf8').replace(/\{\{(\w+)\}\}/g, (_, key) => names[key]);
writeFileSync(join(outdir, 'index.html'), page);
writeFileSync(join(outdir, 'manifest.json'), `${JSON.stringify({ files: manifest(outdir) }, null, 2)}\n`);
