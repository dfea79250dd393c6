//! Whole recharges: created, paid at the provider, notified, credited, called back, acknowledged.

use std::time::Instant;

use super::create::create;
use super::flow::{self, Made};
use super::site::Site;
use super::{CONCURRENCY, Measured};
use crate::arithmetic::Workload;
use crate::measure::Plan;

pub(super) async fn measure(site: &Site, plan: &Plan) -> anyhow::Result<Measured> {
    let (measured, _) = flow::measure(site, Workload::Recharge, CONCURRENCY, plan, recharge).await?;
    Ok(measured)
}

async fn recharge(site: Site) -> anyhow::Result<Made<()>> {
    let asked = Instant::now();
    let order = create(&site, "qr").await?;
    let took = asked.elapsed();
    site.pay(&order).await?;
    Ok(Made { took, thing: () })
}
