//! Functions of networks: `cidrhost`, `cidrnetmask`, `cidrsubnet`, `cidrsubnets`.
//!
//! The arithmetic is that of <https://github.com/apparentlymart/go-cidr>.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::value::{Number, Value};

use super::{Call, Failure};

pub(super) fn cidrhost(call: &Call<'_>) -> Result<Value, Failure> {
    let number = whole(call, 1)?;
    let network = Network::of(call)?;
    let hosts = network.mask_of_hosts(network.prefix);
    let host = match number {
        number @ 0.. => number.unsigned_abs(),
        // From the end.
        number => hosts.wrapping_sub(number.unsigned_abs() - 1),
    };
    if number.unsigned_abs().saturating_sub(u128::from(number < 0)) > hosts {
        let prefix = network.prefix;
        return Err(Failure::new(format!("prefix of {prefix} does not accommodate a host numbered {number}")));
    }
    call.text(network.address(network.first | host))
}

pub(super) fn cidrnetmask(call: &Call<'_>) -> Result<Value, Failure> {
    let network = Network::of(call)?;
    if network.bits != 32 {
        return Err(Failure::argument(0, "IPv6 addresses cannot have a netmask"));
    }
    call.text(network.address(network.mask(network.prefix)))
}

pub(super) fn cidrsubnet(call: &Call<'_>) -> Result<Value, Failure> {
    let (extension, number) = (call.integer(1)?, whole(call, 2)?);
    let network = Network::of(call)?;
    let Ok(extension) = u32::try_from(extension) else {
        return Err(Failure::Unknown("a network that is not smaller is no subnet".to_owned()));
    };
    let prefix = network.prefix.saturating_add(extension);
    if prefix > network.bits {
        let own = network.prefix;
        return Err(Failure::new(format!("insufficient address space to extend prefix of {own} by {extension}")));
    }
    let Ok(subnet) = u128::try_from(number) else {
        return Err(Failure::Unknown("subnets are counted from zero".to_owned()));
    };
    if extension < 64 && subnet >= 1 << extension {
        let message = format!("prefix extension of {extension} does not accommodate a subnet numbered {number}");
        return Err(Failure::new(message));
    }
    let first = network.first | subnet.checked_shl(network.bits - prefix).unwrap_or(0);
    call.text(Network { first, prefix, ..network }.to_string())
}

pub(super) fn cidrsubnets(call: &Call<'_>) -> Result<Value, Failure> {
    let network = Network::of(call)?;
    let mut subnets = Vec::new();
    // The last address that is taken, and whether there is one.
    let mut taken: Option<u128> = None;
    for index in 1..call.arguments.len() {
        let extension = call.integer(index)?;
        let extension = match u32::try_from(extension) {
            Ok(0) | Err(_) => return Err(Failure::argument(index, "must extend prefix by at least one bit")),
            Ok(33..) => return Err(Failure::argument(index, "may not extend prefix by more than 32 bits")),
            Ok(extension) => extension,
        };
        let prefix = network.prefix + extension;
        if prefix > network.bits {
            let version = if network.bits == 32 { "IPv4" } else { "IPv6" };
            let message = format!("would extend prefix to {prefix} bits, which is too long for an {version} address");
            return Err(Failure::argument(index, message));
        }
        let last = network.first | network.mask_of_hosts(network.prefix);
        // The end of the block of this size that what is taken reaches into.
        let next = match taken {
            None => Some(network.first),
            Some(taken) => (taken | network.mask_of_hosts(prefix)).checked_add(1).filter(|next| *next <= last),
        };
        // An address of all zeros is where counting begins again.
        let next = next.filter(|next| *next != 0).ok_or_else(|| {
            let message = format!("not enough remaining address space for a subnet with a prefix of {prefix} bits");
            Failure::argument(index, message)
        })?;
        taken = Some(next | network.mask_of_hosts(prefix));
        subnets.push(Network { first: next, prefix, ..network }.to_string());
    }
    call.strings(subnets)
}

/// A parameter of type number that must be a whole one. Beyond 64 bits, Terraform counts in a way that
/// nobody can rely on.
fn whole(call: &Call<'_>, index: usize) -> Result<i128, Failure> {
    let number = call.get(index)?.as_number().unwrap_or(&Number::ZERO);
    match number.to_i64() {
        Some(number) => Ok(number.into()),
        None if number.is_integer() => Err(Failure::Unknown("the number has more than 64 bits".to_owned())),
        None => Err(Failure::argument(index, "value must be a whole number")),
    }
}

/// Addresses with a common beginning.
#[derive(Clone, Copy)]
struct Network {
    first: u128,
    prefix: u32,
    /// 32 or 128.
    bits: u32,
}

impl Network {
    /// The first argument.
    fn of(call: &Call<'_>) -> Result<Network, Failure> {
        let text = call.string(0)?;
        let invalid = || Failure::argument(0, format!("invalid CIDR expression: invalid CIDR address: {text}"));
        let (address, prefix) = text.split_once('/').ok_or_else(invalid)?;
        let (address, bits) = match (parse_ipv4(address), address.parse::<Ipv6Addr>()) {
            (Some(address), _) => (u128::from(u32::from(address)), 32),
            (None, Ok(address)) if address.to_ipv4_mapped().is_some() => {
                return Err(Failure::Unknown("an IPv4 address that is written as IPv6".to_owned()));
            }
            (None, Ok(address)) => (u128::from(address), 128),
            (None, Err(_)) => return Err(invalid()),
        };
        let digits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = prefix.parse().ok().filter(|prefix| digits && *prefix <= bits).ok_or_else(invalid)?;
        let network = Network { first: address, prefix, bits };
        Ok(Network { first: address & network.mask(prefix), ..network })
    }

    /// Ones behind a prefix.
    fn mask_of_hosts(&self, prefix: u32) -> u128 {
        u128::MAX.checked_shr(128 - (self.bits - prefix)).unwrap_or(0)
    }

    /// Ones in a prefix.
    fn mask(&self, prefix: u32) -> u128 {
        self.mask_of_hosts(0) & !self.mask_of_hosts(prefix)
    }

    fn address(&self, address: u128) -> String {
        match u32::try_from(address) {
            Ok(address) if self.bits == 32 => Ipv4Addr::from(address).to_string(),
            _ => Ipv6Addr::from(address).to_string(),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address(self.first), self.prefix)
    }
}

/// Four decimal numbers. Terraform lets them begin with zeros.
fn parse_ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut parts = text.split('.').map(|part| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u8>().ok().filter(|_| digits)
    });
    let mut next = || parts.next().flatten();
    let address = Ipv4Addr::new(next()?, next()?, next()?, next()?);
    parts.next().is_none().then_some(address)
}
