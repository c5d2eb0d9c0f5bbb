// The program of a thread, in one of three parts: it scans layers, or only reads them for another thread, or runs rules that are
// code and may have to be ended.
import { parentPort, workerData } from 'node:worker_threads';
import { type BytesTerms, serveBytes } from './layer-bytes.ts';
import { type LayerTerms, serveLayers } from './serve-layers.ts';
import { type RuleTerms, serveRules } from './serve-rules.ts';

const data = workerData as LayerTerms | BytesTerms | RuleTerms;
switch (data.part) {
  case 'layers':
    await serveLayers(parentPort!, data);
    break;
  case 'bytes':
    await serveBytes(data);
    break;
  case 'rules':
    await serveRules(parentPort!, data);
}
