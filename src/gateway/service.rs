//! The service: listeners and what all connections share; a new policy without dropping any of them; an end that finishes messages.

use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Semaphore, watch},
    task::{JoinSet, spawn_blocking},
    time::{sleep, timeout},
};

use super::{
    admin,
    connection::Connection,
    judge::{Judges, Regime},
    listen::{Listener, Reach},
    metrics::{Metrics, Now},
    spool::Memory,
};
use crate::{error::Error, policy::gateway::Bounds};

/// Makes a regime anew from the files that it came from.
pub type Reload = Box<dyn Fn() -> Result<Regime, Error> + Send + Sync>;

/// How long a listener rests that cannot take a connection, for want of files.
const REST: Duration = Duration::from_millis(100);

/// What all connections share.
pub(super) struct State {
    regime: RwLock<Arc<Regime>>,
    reload: Reload,
    reloading: tokio::sync::Mutex<()>,
    pub(super) bounds: Bounds,
    pub(super) judges: Judges,
    /// For messages that are not complete.
    pub(super) incoming: Arc<Memory>,
    /// For messages that are judged: whoever is slow to send one keeps none of it from them.
    pub(super) judging: Arc<Memory>,
    pub(super) messages: Arc<Semaphore>,
    open: Arc<Semaphore>,
    pub(super) metrics: Metrics,
    reaches: RwLock<Vec<Reach>>,
}

/// A milter service.
#[derive(Clone)]
pub struct Service {
    state: Arc<State>,
}

impl Service {
    /// A service under `regime`; `reload` makes the next one.
    pub fn new(regime: Regime, reload: Reload) -> Result<Service, Error> {
        let bounds = regime.settings.limits.clone();
        let state = State {
            judges: Judges::start(bounds.threads)?,
            incoming: Memory::new(bounds.memory / 4),
            judging: Memory::new(bounds.memory - bounds.memory / 4),
            messages: Arc::new(Semaphore::new(bounds.messages)),
            open: Arc::new(Semaphore::new(bounds.connections)),
            metrics: Metrics::default(),
            regime: RwLock::new(Arc::new(regime)),
            reload,
            reloading: tokio::sync::Mutex::default(),
            reaches: RwLock::default(),
            bounds,
        };
        Ok(Service { state: Arc::new(state) })
    }

    /// Serves until `stop` ends; messages that are on their way then are finished, within the policy's grace.
    pub async fn run(
        &self,
        listeners: Vec<Listener>,
        admin: Option<Listener>,
        stop: impl Future<Output = ()>,
    ) {
        let (tell, told) = watch::channel(false);
        *self.state.reaches.write().unwrap_or_else(PoisonError::into_inner) =
            listeners.iter().filter_map(Listener::reach).collect();
        let open = Arc::clone(&self.state.open);
        let mut tasks = JoinSet::new();
        for listener in listeners {
            tasks.spawn(accept(listener, Arc::clone(&self.state), Arc::clone(&open), told.clone()));
        }
        if let Some(listener) = admin {
            tasks.spawn(admin::serve(listener, self.clone()));
        }
        stop.await;
        tracing::info!(target: "presend", "stopping; messages that are on their way are finished");
        // Nobody may be left to hear it.
        let _ = tell.send(true);
        tasks.shutdown().await;
        // Whoever has all rooms knows that no connection is open.
        let all = u32::try_from(self.state.bounds.connections).unwrap_or(u32::MAX);
        if timeout(self.state.bounds.grace, open.acquire_many(all)).await.is_err() {
            tracing::warn!(target: "presend", "connections were left open at the end of the grace");
        }
    }

    /// Takes the policy anew. A broken one is refused: the reason is the error, and the old one stays.
    pub async fn reload(&self) -> Result<String, String> {
        let _alone = self.state.reloading.lock().await;
        let state = Arc::clone(&self.state);
        let made = spawn_blocking(move || (state.reload)().map_err(|error| error.to_string())).await;
        match made.unwrap_or_else(|_| Err("presend itself failed".to_owned())) {
            Ok(regime) => {
                let version = regime.version.clone();
                let Bounds { deadline, cache, .. } = regime.settings.limits;
                if regime.settings.limits != (Bounds { deadline, cache, ..self.state.bounds.clone() }) {
                    tracing::warn!(target: "presend", "new [gateway.limits] but deadline and cache wait for a restart");
                }
                *self.state.regime.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(regime);
                self.state.metrics.reloads.fetch_add(1, Ordering::Relaxed);
                tracing::info!(target: "presend", policy = version, "policy taken");
                Ok(version)
            }
            Err(reason) => {
                self.state.metrics.refused_reloads.fetch_add(1, Ordering::Relaxed);
                let kept = self.state.regime().version.clone();
                tracing::error!(target: "presend", policy = kept, reason, "policy refused, the old one stays");
                Err(reason)
            }
        }
    }

    /// The page of metrics.
    pub fn metrics(&self) -> String {
        let regime = self.state.regime();
        let memory = self.state.incoming.used() + self.state.judging.used();
        let now = Now { version: &regime.version, age: regime.loaded.elapsed(), memory };
        self.state.metrics.page(&now)
    }

    /// Whether all connections that may be are open: then nobody can negotiate, and it is no fault of the service.
    pub fn is_full(&self) -> bool {
        self.state.open.available_permits() == 0
    }

    /// Whether every listener negotiates; the first that does not is named.
    pub async fn health(&self) -> Result<(), String> {
        let reaches = self.state.reaches.read().unwrap_or_else(PoisonError::into_inner).clone();
        if reaches.is_empty() {
            return Err("no listener that can be reached".to_owned());
        }
        for reach in reaches {
            admin::negotiate(&reach).await.map_err(|error| format!("{reach}: {error}"))?;
        }
        Ok(())
    }
}

impl State {
    /// The regime in force.
    pub(super) fn regime(&self) -> Arc<Regime> {
        Arc::clone(&self.regime.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes connections as long as there is room; more wait in the listener's queue.
async fn accept(listener: Listener, state: Arc<State>, open: Arc<Semaphore>, stop: watch::Receiver<bool>) {
    static NUMBER: AtomicU64 = AtomicU64::new(1);
    loop {
        let Ok(room) = Arc::clone(&open).acquire_owned().await else { return };
        match listener.accept().await {
            Ok(stream) => {
                let number = NUMBER.fetch_add(1, Ordering::Relaxed);
                let connection = Connection::new(stream, Arc::clone(&state), number, stop.clone());
                let state = Arc::clone(&state);
                state.metrics.accepted.fetch_add(1, Ordering::Relaxed);
                state.metrics.connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(async move {
                    connection.serve().await;
                    state.metrics.connections.fetch_sub(1, Ordering::Relaxed);
                    drop(room);
                });
            }
            Err(error) => {
                tracing::warn!(target: "presend", %error, "cannot take a connection");
                sleep(REST).await;
            }
        }
    }
}
