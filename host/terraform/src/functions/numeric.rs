//! Functions of numbers: `abs`, `ceil`, `floor`, `log`, `max`, `min`, `parseint`, `pow`, `signum`, `sum`,
//! `range`.

use crate::value::{Number, NumberError, Type, Value, convert};

use super::float::{natural_logarithm, power};
use super::{Call, Failure};

pub(super) fn abs(call: &Call<'_>) -> Result<Value, Failure> {
    Ok(Value::number(number(call, 0)?.absolute()))
}

pub(super) fn ceil(call: &Call<'_>) -> Result<Value, Failure> {
    Ok(Value::number(whole(number(call, 0)?, true)?))
}

pub(super) fn floor(call: &Call<'_>) -> Result<Value, Failure> {
    Ok(Value::number(whole(number(call, 0)?, false)?))
}

/// Computed with 64-bit floating point, as cty does it.
pub(super) fn log(call: &Call<'_>) -> Result<Value, Failure> {
    let (number, base) = (float(call, 0)?, float(call, 1)?);
    Ok(Value::number(from_float(natural_logarithm(number) / natural_logarithm(base))?))
}

/// Computed with 64-bit floating point, as cty does it.
pub(super) fn pow(call: &Call<'_>) -> Result<Value, Failure> {
    let result = power(float(call, 0)?, float(call, 1)?).ok_or_else(|| {
        Failure::Unknown("the last digits of a power with a fraction depend on the processor".to_owned())
    })?;
    Ok(Value::number(from_float(result)?))
}

pub(super) fn max(call: &Call<'_>) -> Result<Value, Failure> {
    extreme(call, |number, greatest| number > greatest)
}

pub(super) fn min(call: &Call<'_>) -> Result<Value, Failure> {
    extreme(call, |number, least| number < least)
}

pub(super) fn signum(call: &Call<'_>) -> Result<Value, Failure> {
    Ok(Value::number(call.integer(0)?.signum()))
}

pub(super) fn parseint(call: &Call<'_>) -> Result<Value, Failure> {
    let text = call.get(0)?;
    let base = call.integer(1)?;
    let base = u32::try_from(base).ok().filter(|base| (2..=62).contains(base));
    let base = base.ok_or_else(|| Failure::argument(1, "base must be a whole number between 2 and 62 inclusive"))?;
    let Some(text) = text.as_str() else { return Err(not_a_string(text)) };
    match Number::parse_integer(text, base) {
        Ok(number) => Ok(Value::number(number)),
        Err(NumberError::TooLarge) => Err(NumberError::TooLarge.into()),
        Err(_) => Err(Failure::argument(0, format!("cannot parse {text:?} as a base {base} integer"))),
    }
}

/// `parseint` takes any type, to complain about it.
pub(super) fn parseint_type(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments.first() {
        Some(text) if text.ty() != Type::String => Err(not_a_string(text)),
        _ => Ok(Type::Number),
    }
}

fn not_a_string(value: &Value) -> Failure {
    Failure::argument(0, format!("first argument must be a string, not {}", value.ty()))
}

pub(super) fn sum(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.get(0)?;
    let elements = match (list.length(), list.ty()) {
        (Some(0), _) => return Err(Failure::argument(0, "cannot sum an empty list")),
        (Some(_), Type::List(_) | Type::Set(_) | Type::Tuple(_)) => list.elements(),
        (Some(_), ty) => {
            return Err(Failure::argument(0, format!("argument must be list, set, or tuple. Received {ty}")));
        }
        (None, _) => return Err(Failure::argument(0, "cannot sum noniterable")),
    };
    if !list.is_wholly_known() {
        return Ok(call.unknown(Type::Number));
    }
    call.spend(elements.len())?;
    let no_number = || Failure::argument(0, "argument must be list, set, or tuple of number values");
    let mut total: Option<Number> = None;
    for element in elements {
        let element = convert(&element, &Type::Number).map_err(|_| no_number())?;
        let number = element.as_number().ok_or_else(no_number)?;
        total = Some(match total {
            None => number.clone(),
            Some(total) => total.plus(number)?,
        });
    }
    Ok(Value::number(total.unwrap_or(Number::ZERO)))
}

/// More numbers than this, Terraform refuses.
const MOST_IN_RANGE: usize = 1024;

pub(super) fn range(call: &Call<'_>) -> Result<Value, Failure> {
    let (zero, up, down) = (Number::ZERO, Number::from_i64(1), Number::from_i64(-1));
    let direction = |start: &Number, end: &Number| if end < start { down.clone() } else { up.clone() };
    let (start, end, step) = match call.arguments.len() {
        1 => (zero.clone(), number(call, 0)?.clone(), direction(&zero, number(call, 0)?)),
        2 => {
            let (start, end) = (number(call, 0)?, number(call, 1)?);
            (start.clone(), end.clone(), direction(start, end))
        }
        3 => (number(call, 0)?.clone(), number(call, 1)?.clone(), number(call, 2)?.clone()),
        _ => return Err(Failure::new("must have one, two, or three arguments")),
    };
    let descending = step.is_negative();
    if descending && end > start {
        return Err(Failure::argument(1, "end must be less than start when step is negative"));
    }
    if !descending && end < start {
        return Err(Failure::argument(1, "end must be greater than start when step is positive"));
    }
    let mut numbers = Vec::new();
    let mut next = start;
    while if descending { next > end } else { next < end } {
        if numbers.len() >= MOST_IN_RANGE {
            return Err(Failure::new(
                "more than 1024 values were generated; either decrease the difference between start and end or use \
                 a smaller step",
            ));
        }
        call.spend(1)?;
        let following = next.plus(&step)?;
        numbers.push(Value::number(next));
        next = following;
    }
    Ok(Value::list(Type::Number, numbers))
}

fn number<'c>(call: &'c Call<'_>, index: usize) -> Result<&'c Number, Failure> {
    call.get(index)?.as_number().ok_or_else(|| Failure::argument(index, "number required"))
}

/// A parameter as 64-bit floating point, which may lose digits but not become infinite.
fn float(call: &Call<'_>, index: usize) -> Result<f64, Failure> {
    let number = number(call, index)?;
    let float = number.to_f64();
    if float.is_infinite() && !number.is_infinite() {
        return Err(Failure::argument(
            index,
            format!("value must be between {:.6} and {:.6} inclusive", f64::MIN, f64::MAX),
        ));
    }
    Ok(float)
}

fn from_float(result: f64) -> Result<Number, Failure> {
    Number::from_f64(result).map_err(|_| Failure::new("the result is not a number"))
}

/// The next integer above or below. The precision stays.
fn whole(number: &Number, up: bool) -> Result<Number, Failure> {
    let truncated = number.truncated();
    let step = match (up, truncated == *number) {
        (_, true) => return Ok(truncated),
        (true, false) if !number.is_negative() => 1,
        (false, false) if number.is_negative() => -1,
        _ => return Ok(truncated),
    };
    Ok(truncated.plus(&Number::from_i64(step))?.with_precision(number.precision()))
}

fn extreme(call: &Call<'_>, better: fn(&Number, &Number) -> bool) -> Result<Value, Failure> {
    call.spend(call.arguments.len())?;
    let mut best: Option<&Number> = None;
    for index in 0..call.arguments.len() {
        let number = number(call, index)?;
        if best.is_none_or(|best| better(number, best)) {
            best = Some(number);
        }
    }
    let best = best.ok_or_else(|| Failure::new("must pass at least one number"))?;
    Ok(Value::number(best.clone()))
}
