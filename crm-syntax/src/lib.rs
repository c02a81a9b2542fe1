//! The crm command language.
