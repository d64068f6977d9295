variable "family" {
  type = string
}

variable "image" {
  type = string
}

variable "debug" {
  type    = bool
  default = false
}

locals {
  container = {
    name       = var.family
    image      = var.image
    user       = "10001:10001"
    privileged = var.debug
    memory     = 512
  }
}

resource "aws_ecs_task_definition" "this" {
  family                = var.family
  container_definitions = jsonencode([local.container])
}
