//! A DNS server on loopback that answers from `zones.txt`, by UDP and TCP on the same port: hickory-server, with names that fail on purpose.

use std::{future::Future, net::SocketAddr, pin::Pin, sync::Arc, sync::mpsc, thread, time::Duration};

use hickory_server::{
    Server,
    net::runtime::{Time, TokioRuntimeProvider},
    proto::{
        op::ResponseCode,
        rr::{LowerName, Name, RecordType},
        serialize::txt::Parser,
    },
    server::{Request, RequestHandler, ResponseHandler, ResponseInfo},
    store::in_memory::InMemoryZoneHandler,
    zone_handler::{AxfrPolicy, Catalog, MessageResponseBuilder, ZoneType},
};
use tokio::net::{TcpListener, UdpSocket};

/// Starts the server, which runs until the tests end.
pub(crate) fn start() -> SocketAddr {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be had");
        runtime.block_on(async {
            let (udp, tcp) = sockets().await;
            let address = udp.local_addr().expect("a bound socket has an address");
            let mut server = Server::new(Zones { catalog: catalog() });
            server.register_socket(udp);
            server.register_listener(tcp, Duration::from_secs(5), 64);
            send.send(address).expect("the test waits");
            server.block_until_done().await.expect("the server runs");
        });
    });
    receive.recv().expect("the server starts")
}

/// Both sockets on one port.
async fn sockets() -> (UdpSocket, TcpListener) {
    for _ in 0..50 {
        let udp = UdpSocket::bind("127.0.0.1:0").await.expect("a port is free");
        let address = udp.local_addr().expect("a bound socket has an address");
        if let Ok(tcp) = TcpListener::bind(address).await {
            return (udp, tcp);
        }
    }
    panic!("no port is free for both UDP and TCP");
}

fn catalog() -> Catalog {
    let root = Name::root();
    let (origin, records) =
        Parser::new(include_str!("zones.txt"), None, Some(root)).parse().expect("zones.txt is a zone file");
    let zone = InMemoryZoneHandler::<TokioRuntimeProvider>::new(
        origin.clone(),
        records,
        ZoneType::Primary,
        AxfrPolicy::Deny,
    )
    .expect("the zone has a SOA record");
    let mut catalog = Catalog::new();
    catalog.upsert(LowerName::from(origin), vec![Arc::new(zone)]);
    catalog
}

struct Zones {
    catalog: Catalog,
}

impl RequestHandler for Zones {
    /// What `async fn` of the trait stands for.
    fn handle_request<'s, 'r, 'f, R, T>(
        &'s self,
        request: &'r Request,
        mut response_handle: R,
    ) -> Pin<Box<dyn Future<Output = ResponseInfo> + Send + 'f>>
    where
        R: ResponseHandler + 'f,
        T: Time + 'f,
        's: 'f,
        'r: 'f,
        Self: 'f,
    {
        Box::pin(async move {
            let info = request.request_info();
            let name = info.as_ref().map(|info| info.query.name().to_string()).unwrap_or_default();
            let kind = info.map_or(RecordType::ANY, |info| info.query.query_type());
            let failure = match name.as_str() {
                _ if name.ends_with("silent.example.") => std::future::pending().await,
                _ if name.ends_with("servfail.example.") => ResponseCode::ServFail,
                _ if name.ends_with("refused.example.") => ResponseCode::Refused,
                "mail.denied.example." if kind != RecordType::A => ResponseCode::NXDomain,
                _ => return self.catalog.handle_request::<R, T>(request, response_handle).await,
            };
            let response =
                MessageResponseBuilder::from_message_request(request).error_msg(&request.metadata, failure);
            response_handle.send_response(response).await.expect("the answer is sent")
        })
    }
}
