"""Liquids other than water 液体计量: OIML R 117-1, Directive 2014/32/EU Annex VII; fuel dispensers, JJG 443."""
