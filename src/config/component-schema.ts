/**
 * The upgradable units of a target, as every kind of it writes them.
 */
import { z } from 'zod';
import { VERSION_PLACEHOLDER } from '../domain/image-tag.ts';

const IMAGE_EXPECTED = 'a repository without tag and digest, such as registry.example.com/shop/app';
const TAG_EXPECTED = `a tag with ${VERSION_PLACEHOLDER} in it once, such as v${VERSION_PLACEHOLDER}`;
const SERVICE_EXPECTED = 'the name of a service (letters, digits, ".", "_", "-")';

/** Domain (with port), then lower-case path; no tag, no digest. */
const REPOSITORY =
  /^(?:(?:[A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9a-fA-F:]+\](?::\d{1,5})?)\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/;

const TAG_TEMPLATE = /^[A-Za-z0-9._-]*\{version\}[A-Za-z0-9._-]*$/;

const SERVICE = /^[A-Za-z0-9._-]+$/;

/** The name of a component, where one is referred to. */
export function service() {
  return z.string({ error: SERVICE_EXPECTED }).regex(SERVICE, SERVICE_EXPECTED);
}

/** One component. */
export const componentSchema = z.strictObject(
  {
    image: z
      .string({ error: IMAGE_EXPECTED })
      .regex(REPOSITORY, IMAGE_EXPECTED)
      .meta({ description: 'Repository whose tag carries the version.' }),
    tag: z
      .string({ error: TAG_EXPECTED })
      .regex(TAG_TEMPLATE, TAG_EXPECTED)
      .prefault(VERSION_PLACEHOLDER)
      .meta({ description: 'The tag, made from the version.' }),
  },
  { error: 'a mapping with image' },
);
