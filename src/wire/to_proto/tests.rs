//! The words of the domain and of the contract are the same words.

use super::*;
use crate::domain::Action as DomainAction;
use crate::domain::Level as DomainLevel;

#[test]
fn every_word_of_the_domain_has_its_name_in_the_contract() {
    for one in RiskArea::ALL {
        assert_eq!(area(one).as_str_name(), format!("RISK_AREA_{}", one.as_str().to_uppercase()));
    }
    for one in DomainLevel::ALL {
        assert_eq!(level(one).as_str_name(), format!("LEVEL_{one}"));
    }
    for one in DomainAction::ALL {
        assert_eq!(action(one).as_str_name(), format!("ACTION_{one}"));
    }
    for one in Concealment::HIDDEN.into_iter().chain([Concealment::None]) {
        assert_eq!(concealment(one).as_str_name(), format!("CONCEALMENT_{}", one.as_str()));
    }
}

#[test]
fn the_contract_has_no_area_level_or_action_that_the_domain_lacks() {
    assert!(v1::RiskArea::try_from(RiskArea::COUNT as i32).is_ok());
    assert!(v1::RiskArea::try_from(RiskArea::COUNT as i32 + 1).is_err());
    assert!(v1::Level::try_from(DomainLevel::ALL.len() as i32 + 1).is_err());
    assert!(v1::Action::try_from(DomainAction::ALL.len() as i32 + 1).is_err());
}
