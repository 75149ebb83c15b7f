"""Active electricity meters 有功电能表: OIML R 46, Directive 2014/32/EU Annex V, GB/T 17215.321-2008."""
