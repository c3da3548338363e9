{#-
    The macros of billing periods: half-open stretches of time, counted from an
    anchor. The period with number n begins n intervals after the anchor: months are
    added to the anchor itself, so that an anchor on 31 January gives 28 February and
    then 31 March.

    Arguments: columns; interval is day, week, month, quarter or year.
-#}

{#- Where periods begin that no subscription anchors: 1 January 2000, for weeks the
    Monday after it. A timestamp in the accounting time zone. -#}
{%- macro calendar_anchor(interval) -%}
    case
        when {{ interval }} = 'week' then cast('2000-01-03' as timestamp)
        else cast('2000-01-01' as timestamp)
    end
{%- endmacro -%}


{#- Months of one interval, 0 for those of days. -#}
{%- macro interval_months(interval) -%}
    case {{ interval }} when 'month' then 1 when 'quarter' then 3 when 'year' then 12 else 0 end
{%- endmacro -%}


{#- Days of one interval, 0 for those of months. -#}
{%- macro interval_days(interval) -%}
    case {{ interval }} when 'day' then 1 when 'week' then 7 else 0 end
{%- endmacro -%}


{#- Whole months from an anchor to a moment, an integer; negative before it. -#}
{%- macro months_since(anchor, moment) -%}
    {%- set months -%}
        (
            12 * (extract(year from {{ moment }}) - extract(year from {{ anchor }}))
            + extract(month from {{ moment }}) - extract(month from {{ anchor }})
        )
    {%- endset -%}
    cast(
        {{ months }}
        - case
            when {{ revrec.later_moment(anchor, "cast(" ~ months ~ " as integer)", "0") }}
                > {{ moment }}
                then 1
            else 0
        end as integer
    )
{%- endmacro -%}


{#- The number of the period that holds a moment, an integer. -#}
{%- macro billing_number(anchor, moment, interval) -%}
    cast(
        case
            when {{ interval }} in ('day', 'week')
                then {{ revrec.floor_divide(
                    "(" ~ revrec.epoch_microseconds(moment) ~ " - "
                    ~ revrec.epoch_microseconds(anchor) ~ ")",
                    "(86400000000 * " ~ revrec.interval_days(interval) ~ ")"
                ) }}
            when {{ interval }} = 'month' then {{ revrec.months_since(anchor, moment) }}
            else {{ revrec.floor_divide(
                revrec.months_since(anchor, moment),
                revrec.interval_months(interval)
            ) }}
        end as integer
    )
{%- endmacro -%}


{#- When the period with a number begins, a timestamp. -#}
{%- macro billing_starts_at(anchor, number, interval) -%}
    {{ revrec.later_moment(
        anchor,
        "(" ~ number ~ ") * " ~ revrec.interval_months(interval),
        "(" ~ number ~ ") * " ~ revrec.interval_days(interval)
    ) }}
{%- endmacro -%}
