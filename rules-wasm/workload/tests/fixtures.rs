//! Every fixture says what its rule must say about it, to the line; here the rules run natively.

verdikt_expectations::tests_of_pack!(verdikt_rules_workload::PACK);
