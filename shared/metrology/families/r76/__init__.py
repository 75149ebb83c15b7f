"""Non-automatic weighing instruments 非自动衡器: OIML R 76-1:2006, R 76-2:2007; GB/T 23111, JJG 539, JJG 555."""
