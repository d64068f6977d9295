# The task of a shop, by a module of our own. Its debug mode is switched on by a file of values.
variable "debug" {
  type    = bool
  default = false
}

resource "aws_ecr_repository" "shop" {
  name                 = "shop"
  image_tag_mutability = "IMMUTABLE"
}

module "checkout" {
  source = "./modules/task"

  family = "checkout"
  image  = "${aws_ecr_repository.shop.repository_url}:2.4.1"
  debug  = var.debug
}
