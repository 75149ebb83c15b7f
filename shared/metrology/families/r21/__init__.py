"""Taximeters 出租汽车计价器: OIML R 21:2007, Directive 2014/32/EU Annex IX; on the vehicle JJG 517."""
