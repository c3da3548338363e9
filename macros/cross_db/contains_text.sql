{#-
    True where one text occurs within the other. The letters A to Z match a to z;
    others match themselves only, for engines differ in what lower() makes of
    them.

    Arguments: text and part, expressions of type text.
-#}
{%- macro contains_text(text, part) -%}
    position({{ revrec.fold_ascii(part) }} in {{ revrec.fold_ascii(text) }}) > 0
{%- endmacro -%}

{%- macro fold_ascii(text) -%}
    translate({{ text }}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz')
{%- endmacro -%}
