#![doc = include_str!("../../README.md")]
//! (A library only so that the README's example is compiled and run as a test.)
