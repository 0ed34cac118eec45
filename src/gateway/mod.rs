//! What a gateway serves: its model, how it is read from texts, and how a request finds its operation.
//! Never touches the disk or the network.

pub mod backends;
pub mod load;
pub mod model;
pub mod openapi;
pub mod route;
mod template;

pub use load::{load, single};
pub use model::{
    Api, ApiId, Backend, BackendId, Fragment, FragmentId, Gateway, Operation, OperationId, Product, ProductId, Schema,
    Space, Subscription, SubscriptionScope, VaultSecret, Workspace, WorkspaceId,
};
pub use route::{Grant, Match, Place, Refusal, Router};
