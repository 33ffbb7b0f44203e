"""Who a person is and what they may do: principals, roles, the permission table, tokens, passwords."""
