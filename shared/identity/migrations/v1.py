"""The function that maps a stored code to its organisation, for queries and indexes."""

from __future__ import annotations

from alembic import op

# The same rule as `shared.identity.uscc.party`, for stored codes: in the form of `written`; older ones in capitals,
# possibly with a hyphen, and keys of laboratories as typed.
UP = r"""
CREATE FUNCTION party(code text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    IF code !~ '^[0-9A-Z-]*$' THEN
        code := upper(regexp_replace(translate(normalize(code, NFKC), '‐‑‒–—―−', '-------'), '\s', '', 'g'));
    END IF;
    IF length(code) = 18 AND code ~ '^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$' THEN
        RETURN substr(code, 9, 9);
    ELSIF length(code) = 10 AND code ~ '^[0-9A-Z]{8}-[0-9X]$' THEN
        RETURN replace(code, '-', '');
    END IF;
    RETURN code;
END $$;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP FUNCTION party(text);")
