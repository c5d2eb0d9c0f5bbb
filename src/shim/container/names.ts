// Names for containers that were given none: two words that can be said on the telephone.
import { randomInt } from 'node:crypto';

const before =
  'airy amber brave brisk calm clear cool crisp early eager even fair fast fine firm fresh gentle glad gold green keen kind late light lively lucky mellow merry mild neat noble plain proud quick quiet rapid ready rosy round sharp shiny silent smooth snug solid steady still sunny swift tidy warm wise young'.split(
    ' ',
  );
const after =
  'acorn almond apple apricot aspen badger basil beech birch brook cedar cherry clover comet daisy delta dune elm falcon fern finch garnet glen hazel heron hill iris ivy juniper lark laurel lemon lilac linden maple meadow mint moss oak olive opal otter pear pebble pine plum poppy quartz raven reed ridge river robin rowan sage sparrow spruce stone swan thyme tulip valley walnut willow wren'.split(
    ' ',
  );

export function suggestedName(): string {
  return `${before[randomInt(before.length)]}_${after[randomInt(after.length)]}`;
}
