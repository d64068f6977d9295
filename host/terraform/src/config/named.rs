//! Declarations in the order of the text that are found by name.

use std::collections::HashMap;

/// Things with names. Of several with one name the first is found by it.
#[derive(Debug)]
pub struct Named<T> {
    items: Vec<(Box<str>, T)>,
    index: HashMap<Box<str>, usize>,
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named { items: Vec::new(), index: HashMap::new() }
    }
}

impl<T> Named<T> {
    /// Whether the name is new.
    pub fn add(&mut self, name: impl Into<Box<str>>, item: T) -> bool {
        let name = name.into();
        let new = !self.index.contains_key(&name);
        if new {
            self.index.insert(name.clone(), self.items.len());
        }
        self.items.push((name, item));
        new
    }

    pub fn get(&self, name: &str) -> Option<&T> {
        self.position(name).map(|at| &self.items[at].1)
    }

    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.position(name).map(|at| &mut self.items[at].1)
    }

    /// The place among all in the order of the text.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.index.get(name).copied()
    }

    /// The thing at a place.
    ///
    /// # Panics
    /// When there are not so many.
    pub fn at(&self, position: usize) -> &T {
        &self.items[position].1
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &T)> {
        self.items.iter().map(|(name, item)| (&**name, item))
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}
