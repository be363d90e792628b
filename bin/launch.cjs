'use strict';
// Starts the command line: from the sources in a checkout (Node strips the types), from dist/ in an installed package.
const { existsSync } = require('node:fs');
const { enableCompileCache } = require('node:module');
const { homedir } = require('node:os');
const { join, sep } = require('node:path');
const { pathToFileURL } = require('node:url');

const root = join(__dirname, '..');
const cache = process.env.XDG_CACHE_HOME || join(process.env.HOME || homedir(), '.cache');
enableCompileCache(join(process.env.BELAY_CACHE || join(cache, 'belay'), 'compile'));

const source = join(root, 'src', 'cli', 'main.ts');
const built = join(root, 'dist', 'cli', 'main.js');
// Node strips no types below node_modules.
const isInstalled = root.split(sep).includes('node_modules');
import(pathToFileURL(!isInstalled && existsSync(source) ? source : built).href);
