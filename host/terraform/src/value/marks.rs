//! What must be remembered of a value beside what it is.

use std::ops::BitOr;

/// A set of marks. What is made of marked values has the marks of all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Marks(u8);

impl Marks {
    pub const NONE: Marks = Marks(0);
    /// Not to be shown.
    pub const SENSITIVE: Marks = Marks(1);
    /// Never to be stored by Terraform.
    pub const EPHEMERAL: Marks = Marks(2);

    pub fn is_empty(self) -> bool {
        self == Marks::NONE
    }

    pub fn contains(self, marks: Marks) -> bool {
        self.0 & marks.0 == marks.0
    }

    /// These without some.
    pub fn without(self, marks: Marks) -> Marks {
        Marks(self.0 & !marks.0)
    }
}

impl BitOr for Marks {
    type Output = Marks;

    fn bitor(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }
}
