"""型式评价 From the commission to the report of the laboratory."""
