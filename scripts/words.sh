#!/usr/bin/env bash
#
# Finds words in messages, help and documents that read as if they were translated, or that the field has others for.

set -euo pipefail
export LC_ALL=C.UTF-8
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# In messages: what stands in quotes.
messages='\b(anew|lest|whose|whereof)\b|, for (there|it|the|that|they|this|these|none|nobody)\b'
documents='\b(anew|lest|whereof)\b'
found=0
if grep -rnP "\"[^\"]*($messages)[^\"]*\"" Sources --include='*.swift'; then found=1; fi
if grep -nP "$documents" README.md CONTRIBUTING.md SECURITY.md docs/*.md docs/decisions/*.md pipelines/*.yaml; then found=1; fi
if ((found)); then
    echo 'words.sh: write these in plain words ("again", "because", a sentence of its own)' >&2
    exit 1
fi
